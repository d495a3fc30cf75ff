//! Machines that allow few processes, files or bytes: each command works or says which limit it
//! met.

use crate::harness::{CONFIG, DOTENV, EMAIL, Member, Outcome, PASSWORD, binary, club, pair, port};

/// Runs the binary below a limit of `prlimit`, as somebody whom limits bind: not as root.
fn limited(member: &Member, limit: &str, args: &str) -> Outcome {
    // Somebody else may not look into the directory where it was built.
    let copy = member.path("padel");
    if !copy.exists() {
        std::fs::copy(binary(), &copy).expect("a copy");
        member.shell("chmod 755 . padel; mkdir -p .config .cache; chmod -R 777 .config .cache");
    }
    let padel = copy.display();
    member.shell(&format!(
        "if [ \"$(id -u)\" = 0 ]; then
           nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
         fi
         exec $nobody prlimit {limit} {padel} {args}"
    ))
}

fn works_or_names_the_limit(outcome: &Outcome, limit: &str) -> bool {
    outcome.assert_stderr_lacks("has a bug");
    if outcome.code == 0 {
        return true;
    }
    outcome.assert_error("internal", 1).assert_stderr_has(limit);
    false
}

#[test]
fn without_threads_every_command_works() {
    let club = club().start();
    let member = Member::of(&club)
        .env("pslc_user", EMAIL)
        .env("pslc_password", PASSWORD);
    for threads in 0..3 {
        for args in [
            "availability",
            "bookings",
            "login",
            "activities --json",
            "doctor",
            "logout",
            "man",
        ] {
            limited(&member, &format!("--nproc={threads}"), args).assert_quiet_success();
        }
    }
    // A name is looked up all the same.
    let port = port(&club);
    limited(
        &member,
        "--nproc=0",
        &format!("availability --club http://localhost:{port}"),
    )
    .assert_success();
    limited(
        &member,
        "--nproc=0",
        "availability --club http://localhost:9",
    )
    .assert_error("network", 6);
}

#[test]
fn few_files_are_enough_or_the_limit_is_named() {
    let club = club().start();
    let member = Member::new()
        .file(CONFIG, &format!("club = \"{}\"\n", club.url()))
        .file(DOTENV, &pair(EMAIL, PASSWORD));
    for files in 4..16 {
        for args in [
            "availability",
            "login",
            "activities --json",
            "bookings --json",
            "logout",
        ] {
            let outcome = member.shell(&format!(
                "ulimit -n {files}; exec {} -q {args}",
                binary().display()
            ));
            let works = works_or_names_the_limit(&outcome, "ulimit -n");
            assert!(works || files < 12, "{files}, {args}: {outcome:?}");
        }
    }
}

#[test]
fn little_memory_is_enough_or_the_limit_is_named() {
    let club = club().start();
    let member = Member::of(&club)
        .env("pslc_user", EMAIL)
        .env("pslc_password", PASSWORD);
    let padel = binary().display().to_string();
    let mut named = 0;
    for megabytes in (12..120).step_by(4).chain([1024]) {
        let limited = format!("ulimit -v {}; exec {padel}", megabytes * 1024);
        // Where not even the binary can be loaded, nobody can say anything.
        if member.shell(&format!("{limited} --version")).code != 0 {
            continue;
        }
        member.shell("rm -rf .cache");
        for args in ["availability", "login --json", "bookings"] {
            let outcome = member.shell(&format!("{limited} {args}"));
            // What is used up on the way is told by the standard library or by glibc alone, and is
            // no crash.
            let told = ["memory allocation of ", "Fatal glibc error: "];
            let used_up =
                outcome.code == 1 && told.iter().any(|start| outcome.stderr.starts_with(start));
            let works = !used_up && works_or_names_the_limit(&outcome, "ulimit -v");
            // Some allocators take 64 MiB of addresses for each thread.
            assert!(
                works || megabytes < 1024,
                "{megabytes}, {args}: {outcome:?}"
            );
            if !works {
                named += 1;
                break;
            }
        }
    }
    assert!(named > 0, "some limit was met");
}

#[test]
fn a_cache_that_may_hold_no_byte_stops_nobody() {
    let club = club().start();
    let member = Member::of(&club)
        .env("pslc_user", EMAIL)
        .env("pslc_password", PASSWORD);
    for args in ["availability", "login", "bookings", "activities", "doctor"] {
        member
            .shell(&format!("ulimit -f 0; exec {} {args}", binary().display()))
            .assert_quiet_success();
    }
    member
        .shell(&format!(
            "ulimit -f 0; exec {} availability > answer",
            binary().display()
        ))
        .assert_error("internal", 1)
        .assert_stderr_has("could not be written");
}

#[test]
fn closed_streams_and_full_devices_end_no_command() {
    let club = club().start();
    let member = Member::of(&club);
    let padel = binary().display().to_string();
    for (line, code) in [
        ("availability <&- >&- 2>&-", 0),
        ("availability 2>&-", 0),
        ("availability -vv 2>/dev/full", 0),
        ("availability >/dev/full 2>/dev/full", 1),
        ("nonsense 2>&-", 2),
        ("nonsense 2>/dev/full", 2),
        ("--help >/dev/full", 1),
        ("man >/dev/full", 1),
        ("doctor >/dev/full", 1),
        ("bookings >&-", 8),
    ] {
        let outcome = member.shell(&format!("{padel} {line}"));
        assert_eq!(outcome.code, code, "{line}: {outcome:?}");
        outcome.assert_stderr_lacks("has a bug");
    }
}
