//! The skill's launcher, under each shell, on each kind of mount. The skill is assembled as an
//! upload would be.

#![cfg(unix)]

use std::{
    os::unix::{fs::symlink, process::ExitStatusExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use gladstone_sim::Fault;
use tempfile::TempDir;

use crate::{
    harness::{Member, Outcome, Words, binary, club, mode, spawn, succeeds},
    skips::skip,
};

const VERSION: &str = concat!("padel ", env!("CARGO_PKG_VERSION"), "\n");

/// The skill in a directory of its own.
pub(crate) struct Skill {
    parent: TempDir,
    pub(crate) root: PathBuf,
}

impl Skill {
    /// Assembles a skill with binaries of this mode and their SHA256SUMS.
    pub(crate) fn new(mode: &str) -> Self {
        let parent = tempfile::tempdir().expect("a temporary directory");
        let skill = Self {
            root: parent.path().join("pslc-padel"),
            parent,
        };
        // Child processes write the files: one that this process has open for writing would be open
        // in another test's child as well, and could not be run.
        let make =
            "cp -r \"$1\" \"$2\" && cd \"$2\" && mkdir bin && cp \"$3\" bin/padel-x86_64-linux &&
            cp \"$3\" bin/padel-aarch64-linux && sha256sum SKILL.md bin/* >SHA256SUMS &&
            chmod 644 scripts/padel && chmod \"$4\" bin/*";
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/skill/pslc-padel");
        let mut shell = Command::new("sh");
        shell
            .args(["-c", make, "sh", source])
            .arg(&skill.root)
            .arg(small_binary())
            .arg(mode);
        assert!(succeeds(&mut shell));
        skill
    }

    pub(crate) fn launcher(&self) -> PathBuf {
        self.root.join("scripts/padel")
    }

    fn binaries(&self) -> [PathBuf; 2] {
        ["x86_64", "aarch64"].map(|machine| self.root.join(format!("bin/padel-{machine}-linux")))
    }
}

/// The binary under test without what only a debugger reads: it is copied in every test.
fn small_binary() -> &'static Path {
    static SMALL: OnceLock<PathBuf> = OnceLock::new();
    SMALL.get_or_init(|| {
        let draft =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("padel-{}", std::process::id()));
        let mut strip = Command::new("strip");
        strip.arg("-o").arg(&draft).arg(binary());
        let path = draft.with_file_name("padel-stripped");
        let kept = succeeds(&mut strip) && std::fs::rename(&draft, &path).is_ok();
        if kept { path } else { binary() }
    })
}

/// dash and bash, which must be there, and busybox, if it is.
pub(crate) fn shells() -> Vec<&'static [&'static str]> {
    let mut shells: Vec<&[&str]> = vec![&["dash"], &["bash"], &["busybox", "sh"]];
    if !succeeds(Command::new("busybox").arg("true")) {
        skip("busybox is not installed, so the launcher was not tried under its shell");
        shells.pop();
    }
    shells
}

impl Member {
    /// `sh LAUNCHER ARGS…` as this member.
    fn launch(&self, shell: &[&str], launcher: &Path, words: impl Words) -> Command {
        let mut command = self.command("");
        let environment: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        let home = command.get_current_dir().expect("a directory").to_owned();
        command = Command::new(shell[0]);
        command
            .args(&shell[1..])
            .arg(launcher)
            .args(words.words())
            .current_dir(home)
            .stdin(Stdio::null());
        command
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(environment);
        command
    }

    fn launched(&self, shell: &[&str], launcher: &Path, words: impl Words) -> Outcome {
        Outcome::of(spawn(self.launch(shell, launcher, words)))
    }

    /// The copies in the home directory, drafts included.
    fn copies(&self) -> Vec<PathBuf> {
        let found = Command::new("find")
            .arg(self.home.path())
            .args(["-type", "f", "-path", "*pslc-padel-bin*"])
            .output();
        let text = String::from_utf8(found.expect("find").stdout).expect("UTF-8");
        text.lines().map(PathBuf::from).collect()
    }
}

#[track_caller]
fn assert_version(outcome: &Outcome) {
    assert_eq!(outcome.assert_quiet_success().stdout, VERSION);
}

#[test]
fn an_executable_binary_runs_where_it_is() {
    let skill = Skill::new("755");
    for shell in shells() {
        let member = Member::new();
        assert_version(&member.launched(shell, &skill.launcher(), "--version"));
        assert!(member.copies().is_empty(), "{shell:?}");
    }
}

#[test]
fn a_binary_without_the_executable_bit_is_copied_once() {
    let skill = Skill::new("644");
    for shell in shells() {
        let member = Member::new();
        assert_version(&member.launched(shell, &skill.launcher(), "--version"));
        let copies = member.copies();
        let [copy] = &copies[..] else {
            panic!("{shell:?}: {copies:?}")
        };
        assert_eq!(
            (mode(copy), mode(copy.parent().expect("a directory"))),
            (0o700, 0o700)
        );
        let made = copy
            .metadata()
            .and_then(|meta| meta.modified())
            .expect("a time");
        assert_version(&member.launched(shell, &skill.launcher(), "--version"));
        assert_eq!(member.copies(), copies);
        assert_eq!(
            copy.metadata()
                .and_then(|meta| meta.modified())
                .expect("a time"),
            made,
            "it was not made again"
        );
    }
}

#[test]
fn a_later_call_needs_uname_and_a_copied_one_ls() {
    let (in_place, copied) = (Skill::new("755"), Skill::new("644"));
    for shell in shells() {
        let member = Member::new().file("tools/.keep", "");
        assert_version(&member.launched(shell, &copied.launcher(), "--version"));
        let found = Command::new("which")
            .arg(shell[0])
            .output()
            .expect("which")
            .stdout;
        let found = String::from_utf8(found).expect("UTF-8");
        let whole = [&[found.trim()], &shell[1..]].concat();
        for (skill, tool) in [(&in_place, "uname"), (&copied, "ls")] {
            symlink(
                Path::new("/bin").join(tool),
                member.path("tools").join(tool),
            )
            .expect("a link");
            let mut command = member.launch(&whole, &skill.launcher(), "--version");
            command.env("PATH", member.path("tools"));
            assert_version(&Outcome::of(spawn(command)));
        }
    }
}

#[test]
fn it_works_from_any_directory_through_links_and_spaces() {
    let skill = Skill::new("644");
    let member = Member::new().file("other place/.keep", "");
    let spaced = skill.parent.path().join("a skill's $place *");
    std::fs::rename(&skill.root, &spaced).expect("renamed");
    let links = skill.parent.path().join("links");
    std::fs::create_dir(&links).expect("a directory");
    symlink(&spaced, links.join("whole")).expect("a link");
    symlink(spaced.join("scripts"), links.join("scripts")).expect("a link");
    symlink(
        "../a skill's $place */scripts/padel",
        links.join("relative"),
    )
    .expect("a link");
    symlink("relative", links.join("padel")).expect("a link");
    let whole = spaced.join("scripts/padel");
    let calls: [(&Path, &str); 9] = [
        (&spaced, "scripts/padel"),
        (&spaced, "./scripts/padel"),
        (&spaced.join("scripts"), "padel"),
        (&spaced.join("bin"), "../scripts/padel"),
        (&links, "whole/scripts/padel"),
        (&links, "scripts/padel"),
        (&links, "padel"),
        (&links.join("scripts"), "./padel"),
        (
            &member.path("other place"),
            whole.to_str().expect("a plain path"),
        ),
    ];
    for shell in shells() {
        for (directory, launcher) in calls {
            let mut command = member.launch(shell, Path::new(launcher), "--version");
            let outcome = command
                .current_dir(directory)
                .env("CDPATH", "/")
                .output()
                .expect("a shell");
            assert_eq!(
                String::from_utf8_lossy(&outcome.stdout),
                VERSION,
                "{directory:?} {launcher} {outcome:?}"
            );
        }
    }
}

#[test]
fn arguments_and_exit_codes_pass_through() {
    for bits in ["755", "644"] {
        let skill = Skill::new(bits);
        for shell in shells() {
            let member = Member::new();
            let outcome = member.launched(
                shell,
                &skill.launcher(),
                ["availability", "--date", "a 'day' $HOME * \\"],
            );
            outcome
                .assert_error("usage", 2)
                .assert_stderr_has("a 'day' $HOME * \\");
            let outcome = member.launched(shell, &skill.launcher(), "availability --site ''");
            assert_ne!(outcome.code, 0, "an empty argument is one: {outcome:?}");
            assert_eq!(
                member.launched(shell, &skill.launcher(), "").code,
                member.run("").code
            );
        }
    }
}

#[test]
fn signals_reach_the_binary() {
    for bits in ["755", "644"] {
        let skill = Skill::new(bits);
        for shell in shells() {
            for (signal, code, killed_by) in [("-INT", Some(130), None), ("-TERM", None, Some(15))]
            {
                let club = club().fault(Fault::Never).start();
                let member = Member::of(&club);
                let mut command = member.launch(shell, &skill.launcher(), "availability");
                let mut child = command
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("a shell");
                let deadline = Instant::now() + Duration::from_secs(20);
                while club.calls().is_empty() && Instant::now() < deadline {
                    std::thread::sleep(Duration::from_millis(5));
                }
                let process = child.id().to_string();
                assert!(succeeds(Command::new("kill").args([signal, &process])));
                let status = child.wait().expect("it ends");
                assert_eq!(
                    (status.code(), status.signal()),
                    (code, killed_by),
                    "{shell:?} {signal}"
                );
            }
        }
    }
}

#[test]
fn the_skills_settings_are_passed_unless_others_are() {
    let skill = Skill::new("755");
    let club = club().start();
    for shell in shells() {
        let member = Member::of(&club).file("own.toml", "sport = \"badminton\"\n");
        let own = member.path("own.toml").display().to_string();
        let settings = skill.root.join("config.toml").display().to_string();
        let doctor = member.launched(shell, &skill.launcher(), "doctor --json");
        assert_eq!(doctor.check("sport").1, format!("padel (from {settings})"));
        let member = member.env("PADEL_SKILL_CONFIG", &own);
        let doctor = member.launched(shell, &skill.launcher(), "doctor --json");
        assert_eq!(doctor.check("sport").1, format!("badminton (from {own})"));
    }
}

#[test]
fn an_unknown_machine_is_told() {
    let skill = Skill::new("755");
    // busybox's shell has a uname of its own.
    for shell in shells().into_iter().take(2) {
        for machine in ["Linux riscv64", "Darwin arm64", ""] {
            let member = Member::new();
            let fake = format!(
                "mkdir tools && echo \"echo '{machine}'\" >tools/uname && chmod 755 tools/uname"
            );
            member.shell(&fake).assert_success();
            let mut command = member.launch(shell, &skill.launcher(), "availability");
            let path = format!("{}:/usr/bin:/bin", member.path("tools").display());
            Outcome::from(command.env("PATH", path).output().expect("a shell"))
                .assert_error("internal", 1)
                .assert_stderr_has(machine);
        }
    }
}

#[test]
fn a_binary_that_is_not_the_one_of_the_checksum_is_refused() {
    for shell in shells() {
        let skill = Skill::new("644");
        for binary in skill.binaries() {
            let mut shell = Command::new("sh");
            shell.args(["-c", "echo >>\"$0\""]).arg(binary);
            assert!(succeeds(&mut shell));
        }
        let member = Member::new();
        for _ in 0..2 {
            member
                .launched(shell, &skill.launcher(), "--version")
                .assert_error("internal", 1)
                .assert_stderr_has("SHA256SUMS");
            assert!(member.copies().is_empty());
        }
    }
}

#[test]
fn an_incomplete_skill_is_told() {
    let spoilt = [
        ("SHA256SUMS", "rm SHA256SUMS"),
        ("SHA256SUMS", ": >SHA256SUMS"),
        ("SHA256SUMS", "sed -i 's,^[0-9a-f]*,../../x,' SHA256SUMS"),
        ("does not exist", "rm -r bin"),
    ];
    for shell in shells() {
        for (told, spoil) in spoilt {
            let skill = Skill::new("644");
            let mut spoiler = Command::new("sh");
            spoiler.args(["-c", spoil]).current_dir(&skill.root);
            assert!(succeeds(&mut spoiler));
            Member::new()
                .launched(shell, &skill.launcher(), "--version")
                .assert_error("internal", 1)
                .assert_stderr_has(told);
        }
    }
}

#[test]
fn eight_first_calls_at_once_leave_one_copy() {
    let skill = Skill::new("644");
    for shell in shells() {
        let member = Member::new();
        let commands = [(); 8].map(|()| member.launch(shell, &skill.launcher(), "--version"));
        let children = commands.map(spawn);
        for child in children {
            assert_version(&Outcome::of(child));
        }
        assert_eq!(member.copies().len(), 1, "{:?}", member.copies());
    }
}

/// A place that somebody else could have prepared: what is in it does not run, and nothing is put
/// there.
#[test]
fn a_planted_copy_is_not_used() {
    let skill = Skill::new("644");
    let planters: [(&str, bool); 3] = [
        // Open to others: nothing new is put there.
        ("mkdir -m 777 \"$dir\"", false),
        // A link to a directory, and one that is somebody else's, with a lookalike in it.
        (
            "mkdir -m 700 real && plant real && ln -s ../real \"$dir\"",
            false,
        ),
        (
            "mkdir -m 700 \"$dir\" && plant \"$dir\" && chown -R 65534 \"$dir\"",
            true,
        ),
    ];
    for shell in shells() {
        for (planter, needs_root) in planters {
            let member = Member::new();
            let script = format!(
                "sum=$(sed -n \"s,  bin/padel-$(uname -m)-linux,,p\" \"$1/SHA256SUMS\")
                plant() {{
                  printf '#!/bin/sh\\necho padel planted\\n' >\"$1/padel-$sum\" &&
                  chmod 755 \"$1/padel-$sum\"
                }}
                mkdir .cache && dir=.cache/pslc-padel-bin-$(id -u) && {planter}"
            );
            let mut plant = Command::new("sh");
            plant
                .args(["-c", &script, "sh"])
                .arg(&skill.root)
                .current_dir(member.home.path())
                .stderr(Stdio::null());
            if !succeeds(&mut plant) {
                assert!(needs_root, "{planter}");
                skip("only root can plant another user's directory");
                continue;
            }
            let before = member.copies();
            // The next place is the test's own, too.
            std::fs::create_dir(member.path("tmp")).expect("a directory");
            let tmp = member.path("tmp").display().to_string();
            let member = member.env("TMPDIR", &tmp);
            assert_version(&member.launched(shell, &skill.launcher(), "--version"));
            let mut after = member.copies();
            after.retain(|path| !path.starts_with(&tmp));
            assert_eq!(after, before, "{shell:?} {planter}");
            assert_eq!(
                member.copies().len(),
                before.len() + 1,
                "{shell:?} {planter}"
            );
        }
    }
}

/// Says so where this machine does not let a test be another user with mounts of its own.
fn can_be_two_others(user: &str) -> bool {
    let grants = format!(
        "setpriv --reuid {user} --regid {user} --clear-groups true &&
         unshare -m mount -t tmpfs t /mnt"
    );
    let mut shell = Command::new("sh");
    let can = succeeds(shell.args(["-c", &grants]).stderr(Stdio::null()));
    if !can {
        skip("only root can be two other users");
    }
    can
}

#[test]
fn a_directory_that_another_user_can_exchange_is_not_used() {
    if !can_be_two_others("1000") {
        return;
    }
    let script = r#"
        set -e
        skill=$1; shift
        mount -t tmpfs t /mnt; chmod 755 /mnt
        mkdir /mnt/skill; mount --bind "$skill" /mnt/skill; mount -o remount,bind,noexec /mnt/skill
        mount -t tmpfs t /tmp; chmod 1777 /tmp
        for place in /var/tmp /dev/shm; do mount -t tmpfs -o noexec t $place; done
        # Another user's, sticky or in such a one; open to all or to a group; and links into them.
        mkdir -m 1777 /mnt/evil; chown 65534 /mnt/evil
        mkdir -m 700 /mnt/evil/own; chown 1000 /mnt/evil/own
        mkdir -m 755 /mnt/theirs; chown 65534 /mnt/theirs; mkdir -m 1777 /mnt/theirs/sticky
        mkdir /mnt/open /mnt/group; chmod 777 /mnt/open; chown 1000 /mnt/group; chmod 770 /mnt/group
        mkdir -m 700 /mnt/open/own; chown 1000 /mnt/open/own
        ln -s /mnt/evil /mnt/link
        # Root's sticky one, one's own, and a link to it.
        mkdir -m 1777 "/mnt/a sticky one"
        mkdir -m 700 /mnt/own; chown 1000 /mnt/own; ln -s /mnt/own /mnt/good-link
        for place in evil evil/own theirs/sticky open open/own group link link/own \
            "a sticky one" own good-link; do
          for call in first second; do
            setpriv --reuid 1000 --regid 1000 --clear-groups \
              env -i HOME=/nonexistent TMPDIR="/mnt/$place" PATH=/usr/bin:/bin \
              "$@" /mnt/skill/scripts/padel --version </dev/null >/mnt/told 2>&1 || true
            copy=$(find /mnt /tmp -path '*/pslc-padel-bin-*' -type f)
            copy=${copy#/mnt/}
            echo "$place: $(cat /mnt/told): ${copy%%pslc*}"
          done
          rm -r /tmp/pslc-* /mnt/*/pslc-* 2>/dev/null || true
        done
    "#;
    let skill = Skill::new("755");
    for shell in shells() {
        let mut command = Command::new("unshare");
        command
            .args(["-m", "sh", "-c", script, "sh"])
            .arg(&skill.root)
            .args(shell)
            .stdin(Stdio::null());
        let outcome = Outcome::from(command.output().expect("unshare"));
        let mut expected = String::new();
        for place in [
            "evil",
            "evil/own",
            "theirs/sticky",
            "open",
            "open/own",
            "group",
            "link",
            "link/own",
        ] {
            expected.push_str(&format!("{place}: {}: /tmp/\n", VERSION.trim()).repeat(2));
        }
        for (place, real) in [
            ("a sticky one", "a sticky one"),
            ("own", "own"),
            ("good-link", "own"),
        ] {
            expected.push_str(&format!("{place}: {}: {real}/\n", VERSION.trim()).repeat(2));
        }
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            (expected.as_str(), ""),
            "{shell:?}"
        );
    }
}

#[test]
fn a_copy_that_is_exchanged_all_the_time_never_runs() {
    if !can_be_two_others("65534") {
        return;
    }
    let script = r#"
        set -e
        mount -t tmpfs t /mnt; chmod 755 /mnt
        mkdir /mnt/skill; mount --bind "$1" /mnt/skill; mount -o remount,bind,noexec /mnt/skill
        mount -t tmpfs t /tmp; chmod 1777 /tmp
        mkdir -m 1777 /mnt/evil; chown 65534 /mnt/evil
        sum=$(sed -n "s,  bin/padel-$(uname -m)-linux,,p" /mnt/skill/SHA256SUMS)
        printf '#!/bin/sh\necho padel planted\n' >/mnt/planted; chmod 755 /mnt/planted
        as() {
          user=$1; shift
          setpriv --reuid "$user" --regid "$user" --clear-groups env -i PATH=/usr/bin:/bin "$@"
        }
        as 1000 sh -c 'mkdir -m 700 /mnt/evil/real &&
          cp /mnt/skill/bin/padel-$(uname -m)-linux /mnt/evil/real/padel-$0' "$sum"
        as 1000 sh -c 'chmod 700 /mnt/evil/real/padel-*'
        as 65534 sh -c 'mkdir /mnt/evil/fake && cp /mnt/planted /mnt/evil/fake/padel-$0
          while [ ! -e /mnt/done ]; do
            for kind in real fake; do
              mv /mnt/evil/$kind /mnt/evil/pslc-padel-bin-1000
              mv /mnt/evil/pslc-padel-bin-1000 /mnt/evil/$kind
            done
          done' "$sum" >/dev/null 2>&1 &
        for call in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          as 1000 HOME=/nonexistent TMPDIR=/mnt/evil \
            sh /mnt/skill/scripts/padel --version </dev/null || true
        done
        : >/mnt/done
        wait
    "#;
    let skill = Skill::new("755");
    let outcome = Command::new("unshare")
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(&skill.root)
        .output();
    let outcome = Outcome::from(outcome.expect("unshare"));
    assert_eq!(
        (outcome.stdout.as_str(), outcome.stderr.as_str()),
        (VERSION.repeat(20).as_str(), "")
    );
}

#[test]
fn drafts_of_killed_calls_are_removed_when_they_are_old() {
    let skill = Skill::new("644");
    for shell in shells() {
        let member = Member::new();
        assert_version(&member.launched(shell, &skill.launcher(), "--version"));
        let copy = member.copies().pop().expect("a copy");
        let dir = copy.parent().expect("a directory").to_owned();
        let drafts = ["draft.aaaaaa", "draft.bbbbbb"].map(|name| dir.join(name));
        // With a copy that runs, and with none.
        for spoil in [":", "rm -f padel-*"] {
            let script = format!("{spoil}; : >draft.bbbbbb && touch -d '1 hour ago' draft.aaaaaa");
            let mut spoiler = Command::new("sh");
            spoiler.args(["-c", &script]).current_dir(&dir);
            assert!(succeeds(&mut spoiler));
            assert_version(&member.launched(shell, &skill.launcher(), "--version"));
            assert_eq!(
                drafts.each_ref().map(|draft| draft.exists()),
                [false, true],
                "{shell:?} {spoil}"
            );
            assert!(copy.exists(), "{shell:?} {spoil}");
        }
    }
}

#[test]
fn a_checksum_tool_that_fails_gives_way_to_the_next() {
    let skill = Skill::new("644");
    for shell in ["/bin/dash", "/bin/bash"] {
        for broken in [
            "exit 1",
            "echo garbage",
            ":",
            "echo 'no such digest' >&2; exit 127",
        ] {
            let member = Member::new();
            let script = format!(
                "mkdir tools
                for tool in uname id mkdir mktemp cp chmod mv rm rmdir ls sha256sum cat; do
                  ln -s \"$(command -v $tool)\" tools || exit; done
                printf '#!/bin/sh\n/bin/cat >/dev/null; {broken}\n' >tools/openssl &&
                chmod 755 tools/openssl"
            );
            let mut made = Command::new("sh");
            made.args(["-c", &script]).current_dir(member.home.path());
            assert!(succeeds(&mut made));
            let mut command = member.launch(&[shell], &skill.launcher(), "--version");
            command.env("PATH", member.path("tools"));
            assert_version(&Outcome::of(spawn(command)));
            assert_eq!(member.copies().len(), 1, "{shell} {broken}");
        }
    }
}

#[test]
fn without_any_checksum_tool_nothing_is_copied() {
    let skill = Skill::new("644");
    let member = Member::new().file("tools/.keep", "");
    for tool in [
        "uname", "id", "mkdir", "mktemp", "cp", "chmod", "mv", "rm", "rmdir", "ls",
    ] {
        symlink(format!("/bin/{tool}"), member.path("tools").join(tool)).expect("a link");
    }
    // Not busybox: its shell may bring a sha256sum of its own.
    for shell in ["/bin/sh", "/bin/bash"] {
        let mut command = member.launch(&[shell], &skill.launcher(), "--version");
        command.env("PATH", member.path("tools"));
        Outcome::of(spawn(command))
            .assert_error("internal", 1)
            .assert_stderr_has("sha256sum");
        assert!(member.copies().is_empty());
    }
    for (tool, real) in [
        ("openssl", "/usr/bin/openssl"),
        ("shasum", "/usr/bin/shasum"),
    ] {
        if !Path::new(real).exists() {
            skip(&format!("there is no {real}"));
            continue;
        }
        let member = Member::new();
        let tools = tempfile::tempdir().expect("a temporary directory");
        for tool in [
            "uname", "id", "mkdir", "mktemp", "cp", "chmod", "mv", "rm", "rmdir", "ls", "perl",
        ] {
            symlink(format!("/usr/bin/{tool}"), tools.path().join(tool)).expect("a link");
        }
        symlink(real, tools.path().join(tool)).expect("a link");
        let mut command = member.launch(&["/bin/sh"], &skill.launcher(), "--version");
        command.env("PATH", tools.path());
        assert_version(&Outcome::of(spawn(command)));
        assert_eq!(member.copies().len(), 1, "{tool}");
    }
}

/// Mounts of the skill, the home directory, /tmp and the other places, the binary's mode, and the
/// place of its copy: none when it runs where it is; `None` is an error.
const MOUNTS: [(&str, &str, Option<&str>); 8] = [
    ("rw,exec noexec noexec noexec", "755", Some("")),
    ("ro,exec noexec noexec noexec", "755", Some("")),
    ("ro,exec exec exec exec", "644", Some(HOME_CACHE)),
    ("rw,noexec exec exec exec", "755", Some(HOME_CACHE)),
    ("ro,noexec exec noexec noexec", "755", Some(HOME_CACHE)),
    ("ro,noexec noexec exec noexec", "644", Some("/tmp/")),
    ("ro,noexec ro noexec exec", "644", Some("/var/tmp/")),
    ("ro,noexec ro noexec noexec", "755", None),
];
const HOME_CACHE: &str = "/mnt/home/.cache/";

#[test]
fn it_runs_on_any_kind_of_mount() {
    // Mounts of a namespace of its own; who is not root needs a namespace of users as well.
    let Some(flags) = ["-m", "-Urm"].into_iter().find(|flags| {
        let mut probe = Command::new("unshare");
        probe.args([flags, "sh", "-c", "mount -t tmpfs t /mnt"]);
        succeeds(probe.stderr(Stdio::null()))
    }) else {
        skip("this machine does not let a test mount anything");
        return;
    };
    let script = r#"
        set -e
        skill=$1 options=$2 home=$3 tmp=$4 others=$5; shift 5
        mount -t tmpfs t /mnt
        mkdir /mnt/skill /mnt/home
        mount --bind "$skill" /mnt/skill
        mount -o "remount,bind,$options" /mnt/skill
        mount -t tmpfs -o "$home" t /mnt/home
        mount -t tmpfs -o "$tmp" t /tmp
        for place in /var/tmp /dev/shm /run/user; do
          [ ! -d $place ] || mount -t tmpfs -o "$others" t $place
        done
        status=0
        padel() {
          env -i HOME=/mnt/home PATH=/usr/bin:/bin "$@" /mnt/skill/scripts/padel --version
        }
        padel "$@" || status=$?
        padel "$@" >/dev/null 2>&1 || true
        find /mnt/home /tmp /var/tmp /dev/shm -name '*padel*' -type f
        find /mnt/home /tmp /var/tmp /dev/shm -name 'pslc-padel-bin-*' -empty
        exit $status
    "#;
    for shell in shells() {
        for (mounts, bits, place) in MOUNTS {
            let skill = Skill::new(bits);
            let mut command = Command::new("unshare");
            command
                .args([flags, "sh", "-c", script, "sh"])
                .arg(&skill.root);
            let outcome = command
                .args(mounts.split(' '))
                .args(shell)
                .stdin(Stdio::null())
                .output();
            let case = format!("{shell:?} {mounts} {bits}");
            let outcome = Outcome::from(outcome.expect("unshare")).case(&case);
            let Some(place) = place else {
                outcome
                    .assert_error("internal", 1)
                    .assert_stderr_has("no copy of it in ")
                    .assert_stderr_has("TMPDIR");
                continue;
            };
            outcome.assert_quiet_success();
            let copies = outcome
                .stdout
                .strip_prefix(VERSION)
                .expect("the version")
                .lines();
            let copies: Vec<&str> = copies.collect();
            assert_eq!(copies.len(), usize::from(!place.is_empty()), "{case}");
            assert!(copies.iter().all(|copy| copy.starts_with(place)), "{case}");
        }
    }
}
