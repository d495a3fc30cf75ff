//! What becomes of a password that was sent: it is sent once in a pause, whatever happens to the
//! answer.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::harness::{EMAIL, Member, Outcome, PASSWORD, binary};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) line: String,
    /// In lower case but for the values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn is(&self, part: &str) -> bool {
        self.line.contains(part)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }
}

/// What the host does with one.
pub(crate) enum Act {
    Answer(String),
    /// Writes that and closes the connection.
    Last(String),
    Hang,
}

/// A host of which a test says every byte.
pub(crate) struct Host {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Host {
    pub(crate) fn new(act: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Self::on(
            TcpListener::bind("127.0.0.1:0").expect("a port"),
            usize::MAX,
            act,
        )
    }

    /// Takes that many connections, then nothing listens any more.
    fn on(
        listener: TcpListener,
        connections: usize,
        act: impl Fn(&Request) -> Act + Send + Sync + 'static,
    ) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, act) = (Arc::clone(&requests), Arc::new(act));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok).take(connections) {
                let (seen, act) = (Arc::clone(&seen), Arc::clone(&act));
                std::thread::spawn(move || serve(stream, &seen, &*act));
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }

    /// How many passwords it got.
    pub(crate) fn posts(&self) -> usize {
        self.requests()
            .iter()
            .filter(|request| request.is("POST "))
            .count()
    }

    /// Somebody whose club it is.
    pub(crate) fn member(&self) -> Member {
        Member::new()
            .env("PSLC_CLUB", &self.url)
            .credentials(EMAIL, PASSWORD)
    }
}

fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Request>>,
    act: &dyn Fn(&Request) -> Act,
) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            (lines.read_line(&mut head).ok()? > 0).then_some(())?;
        }
        let (line, rest) = head.split_once("\r\n")?;
        let headers: Vec<(String, String)> = rest
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut request = Request {
            line: line.to_owned(),
            headers,
            body: String::new(),
        };
        let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
        lines.read_exact(&mut body).ok()?;
        request.body = String::from_utf8_lossy(&body).into_owned();
        seen.lock().ok()?.push(request.clone());
        match act(&request) {
            Act::Answer(answer) => stream.write_all(answer.as_bytes()).ok()?,
            Act::Last(answer) => {
                stream.write_all(answer.as_bytes()).ok()?;
                return None;
            }
            Act::Hang => std::thread::sleep(Duration::from_secs(60)),
        }
    }
}

/// An answer with a body; `head` is its status and headers but for the length.
pub(crate) fn answer(head: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A visitor's session.
pub(crate) fn visitor() -> Act {
    Act::Answer(answer("200 OK\r\nSet-Cookie: Jwt=visitors; Path=/", ""))
}

/// A host that answers a sign-in so.
fn signing_in(act: impl Fn() -> Act + Send + Sync + 'static) -> Host {
    Host::new(move |request| {
        if request.is("POST ") {
            act()
        } else {
            visitor()
        }
    })
}

fn at(member: Member, time: &str) -> Member {
    member.env("PADEL_NOW", &format!("2026-11-23T{time}Z"))
}

#[test]
fn whatever_comes_of_a_sign_in_it_is_sent_once_in_ten_minutes() {
    let page = "<!doctype html><title>Sorry</title>";
    let cases: [(&str, Act, &str); 14] = [
        (
            "500",
            Act::Answer(answer("500 Internal Server Error", "")),
            "network",
        ),
        (
            "502 with a page",
            Act::Answer(answer("502 Bad Gateway", page)),
            "network",
        ),
        (
            "503 that states a wait",
            Act::Answer(answer("503 Busy\r\nRetry-After: 1", "")),
            "network",
        ),
        (
            "408",
            Act::Answer(answer("408 Request Timeout", "")),
            "network",
        ),
        (
            "429",
            Act::Answer(answer("429 Too Many Requests\r\nRetry-After: 1", "")),
            "rate_limited",
        ),
        (
            "403 with a page",
            Act::Answer(answer("403 Forbidden", page)),
            "portal_refused",
        ),
        (
            "403 and nothing",
            Act::Answer(answer("403 Forbidden", "")),
            "portal_refused",
        ),
        (
            "407",
            Act::Answer(answer("407 Proxy Authentication Required", "")),
            "network",
        ),
        (
            "418",
            Act::Answer(answer("418 Teapot", "")),
            "portal_changed",
        ),
        (
            "200 with a page",
            Act::Answer(answer("200 OK", page)),
            "profile_unverified",
        ),
        ("nothing", Act::Last(String::new()), "network"),
        (
            "half a head",
            Act::Last("HTTP/1.1 200 OK\r\nSet-Coo".to_owned()),
            "network",
        ),
        (
            "half a body",
            Act::Last("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}".to_owned()),
            "network",
        ),
        (
            "no HTTP",
            Act::Last("SSH-2.0-OpenSSH\r\n".to_owned()),
            "network",
        ),
    ];
    std::thread::scope(|scope| {
        for (what, act, code) in cases {
            scope.spawn(move || {
                let text = Mutex::new(act);
                let host = signing_in(move || match &*text.lock().expect("no panic") {
                    Act::Answer(text) => Act::Answer(text.clone()),
                    Act::Last(text) => Act::Last(text.clone()),
                    Act::Hang => Act::Hang,
                });
                is_sent_once(&host, what, code);
            });
        }
    });
}

fn is_sent_once(host: &Host, what: &str, code: &str) {
    let mut member = host.member();
    let first = member.run(&["bookings"]);
    assert_eq!(
        (first.error().as_str(), host.posts()),
        (code, 1),
        "{what}: {first:?}"
    );
    for time in ["09:00:00", "08:59:58", "09:09:59"] {
        member = at(member, time);
        let held = member.run(&["bookings"]);
        assert_eq!(
            (held.error().as_str(), host.posts()),
            (code, 1),
            "{what}: {held:?}"
        );
        for part in [
            "the password was sent at 09:00",
            "is not sent again before 09:10",
            "`padel login` tries it now",
        ] {
            assert!(held.stderr.contains(part), "{what}: {part}: {held:?}");
        }
    }
    let document = member.run(&["bookings", "--json"]).stderr;
    assert!(
        document.contains("\"retry_at\":\"2026-11-23T09:10:00Z\""),
        "{what}: {document}"
    );
    member = at(member, "09:10:00");
    member.run(&["bookings"]);
    assert_eq!(host.posts(), 2, "{what}");
    member.run(&["login"]);
    assert_eq!(host.posts(), 3, "{what}: whoever says login wants it tried");
}

/// Starts a command and waits until its password has arrived.
fn until_sent(host: &Host, mut command: Command) -> Child {
    let sent = host.posts();
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    while host.posts() == sent {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_command_that_is_killed_after_sending_has_sent() {
    let host = signing_in(|| Act::Hang);
    let member = host.member();
    let mut child = until_sent(&host, member.command(&["bookings"]));
    child.kill().expect("a signal");
    child.wait().expect("it ends");
    for _ in 0..3 {
        let held = member.run(&["bookings"]);
        assert_eq!(
            (held.error().as_str(), held.code, host.posts()),
            ("network", 6, 1),
            "{held:?}"
        );
        held.assert_stderr_has("no answer came from 127.0.0.1");
        held.assert_stderr_has("the password was sent at 09:00");
    }
    let doctor = member.run(&["doctor"]).stdout;
    assert!(
        doctor.contains("sent, and no answer came at 09:00"),
        "{doctor}"
    );
    assert_eq!(host.posts(), 1);
}

#[test]
fn who_comes_while_a_sign_in_is_under_way_waits_for_it() {
    let host = Host::new(|request| match request {
        request if request.is("POST ") => {
            std::thread::sleep(Duration::from_millis(1500));
            Act::Answer(answer("200 OK\r\nSet-Cookie: Jwt=members; Path=/", ""))
        }
        request if request.is("/api/bookings") => Act::Answer(answer("200 OK", "[]")),
        _ => visitor(),
    });
    let member = host.member();
    let mut first = until_sent(&host, member.command(&["bookings"]));
    let second = member.run(&["bookings"]);
    assert_eq!((second.code, host.posts()), (0, 1), "{second:?}");
    assert!(first.wait().expect("it ends").success());
}

#[test]
fn a_command_that_runs_out_of_time_has_sent() {
    let host = signing_in(|| Act::Hang);
    let member = host.member();
    let late = member.run(&["bookings", "--timeout", "1"]);
    late.assert_error("timeout", 6);
    for part in [
        "the password was sent at 09:00",
        "is not sent again before 09:10",
        "ask once more after 09:10",
    ] {
        late.assert_stderr_has(part);
    }
    assert_eq!(
        member.run(&["bookings", "--timeout", "1"]).error(),
        "network"
    );
    let interrupted = until_sent(&host, member.command(&["login"]));
    let line = format!("kill -INT {}", interrupted.id());
    member.shell(&line).assert_success();
    assert_eq!(
        interrupted
            .wait_with_output()
            .expect("it ends")
            .status
            .code(),
        Some(130)
    );
    assert_eq!(
        (member.run(&["bookings"]).error().as_str(), host.posts()),
        ("network", 2)
    );
}

#[test]
fn who_runs_out_of_time_before_sending_is_told_of_no_password() {
    let host = Host::new(|_| Act::Hang);
    let late = host.member().run(&["bookings", "--timeout", "1"]);
    assert_eq!(
        (late.error().as_str(), host.posts()),
        ("timeout", 0),
        "{late:?}"
    );
    late.assert_stderr_has("no complete answer within 1 s")
        .assert_stderr_lacks("password");
}

#[test]
fn a_connection_that_never_was_sends_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let first = Host::on(listener, 1, |_| visitor());
    let member = first.member();
    let outcome = member.run(&["bookings"]);
    assert_eq!(
        (outcome.error().as_str(), first.posts()),
        ("network", 0),
        "{outcome:?}"
    );
    outcome.assert_stderr_lacks("the password was sent");
    let wrong = answer("401 Unauthorized", "{}");
    let second = Host::on(
        TcpListener::bind(address).expect("the port again"),
        usize::MAX,
        move |request| {
            if request.is("POST ") {
                Act::Answer(wrong.clone())
            } else {
                visitor()
            }
        },
    );
    assert_eq!(
        (member.run(&["bookings"]).error().as_str(), second.posts()),
        ("login_rejected", 1)
    );
    assert_eq!(
        (member.run(&["bookings"]).error().as_str(), second.posts()),
        ("login_rejected", 1)
    );
}

#[test]
fn a_sign_in_never_takes_a_connection_that_was_kept() {
    // Closes each connection after one answer without saying so.
    let host = Host::new(|request| match request {
        request if request.is("POST ") => {
            Act::Last(answer("200 OK\r\nSet-Cookie: Jwt=members; Path=/", ""))
        }
        request if request.is("/api/bookings") => Act::Last(answer("200 OK", "[]")),
        _ => Act::Last(answer("200 OK\r\nSet-Cookie: Jwt=visitors; Path=/", "")),
    });
    for run in 0..15 {
        let outcome = host.member().run(&["bookings"]);
        assert_eq!((outcome.code, host.posts()), (0, run + 1), "{outcome:?}");
    }
}

#[test]
fn as_many_pairs_as_a_family_has_are_remembered() {
    let host = signing_in(|| Act::Answer(answer("401 Unauthorized", "{}")));
    let mut member = host.member();
    for round in 0..2 {
        for word in ["one", "two", "three", "four", "five", "six"] {
            member = member.credentials(EMAIL, word);
            assert_eq!(
                member.run(&["bookings"]).error(),
                "login_rejected",
                "{round} {word}"
            );
        }
    }
    assert_eq!(host.posts(), 6);
}

#[test]
fn two_ways_to_sign_in_are_each_sent_once() {
    let host = signing_in(|| Act::Answer(answer("401 Unauthorized", "{}")));
    let member = host
        .member()
        .file("one.toml", "[portal.login]\npath = \"/one\"\n")
        .file("two.toml", "[portal.login]\npath = \"/two\"\n");
    for config in ["one.toml", "two.toml", "one.toml", "two.toml"] {
        // A club that only the command line names gets no password: it is in the environment here.
        assert_eq!(
            member.run(&["bookings", "--config", config]).error(),
            "login_rejected",
            "{config}"
        );
    }
    assert_eq!(host.posts(), 2);
}

#[test]
fn without_a_cache_each_call_sends_the_password() {
    let host = signing_in(|| Act::Answer(answer("500 Internal Server Error", "")));
    let member = host.member();
    for _ in 0..2 {
        let outcome = member.run(&["bookings", "--no-cache"]);
        assert!(
            !outcome.stderr.contains("is not sent again"),
            "nothing remembers: {outcome:?}"
        );
    }
    assert_eq!(host.posts(), 2);
    let doctor = member.run(&["doctor", "--no-cache"]).stdout;
    assert!(doctor.contains("cache"), "{doctor}");
}

/// A library in whose presence no file can be locked; it leaves a file behind to show that it was
/// asked.
#[cfg(target_os = "linux")]
fn without_locks(member: Member) -> Option<Member> {
    let source = "#include <errno.h>\n#include <fcntl.h>\n#include <stdlib.h>\n#include <unistd.h>\n\
                  int flock(int file, int how) { (void)file; (void)how;\n\
                  close(open(getenv(\"ASKED\"), O_CREAT | O_WRONLY, 0600)); errno = ENOLCK; return -1; }\n";
    let member = member.file("nolock.c", source);
    let (library, asked) = (member.path("nolock.so"), member.path("asked"));
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(member.path("nolock.c"))
        .status();
    if !built.is_ok_and(|status| status.success()) {
        crate::skips::skip("there is no C compiler `cc` to make a file system without locks");
        return None;
    }
    let member = member
        .env("ASKED", asked.to_str()?)
        .env("LD_PRELOAD", library.to_str()?);
    member.run(&["login"]);
    // A static binary loads no library, and only `PADEL_BIN` names one.
    let is_static = !asked.exists();
    assert!(!is_static || binary() != Path::new(env!("CARGO_BIN_EXE_padel")));
    (!is_static).then_some(member)
}

#[cfg(target_os = "linux")]
#[test]
fn without_locks_ten_at_once_send_a_password_once() {
    let host = signing_in(|| {
        std::thread::sleep(Duration::from_millis(1500));
        Act::Answer(answer("401 Unauthorized", "{}"))
    });
    let Some(member) = without_locks(host.member().credentials(EMAIL, "before")) else {
        return;
    };
    let member = member.credentials(EMAIL, "wrong");
    let sent = host.posts();
    let spawn = |_| {
        member
            .command(&["bookings"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    };
    let children: Vec<_> = (0..10).map(spawn).collect();
    for child in children {
        let outcome = Outcome::from(
            child
                .expect("it starts")
                .wait_with_output()
                .expect("it ends"),
        );
        assert_eq!(outcome.error(), "login_rejected", "{outcome:?}");
    }
    assert_eq!(host.posts() - sent, 1);
    assert!(
        !member.cached().iter().any(|name| name.ends_with(".turn")),
        "{:?}",
        member.cached()
    );
}

#[cfg(target_os = "linux")]
#[test]
fn without_locks_a_killed_command_blocks_nobody_for_long() {
    let host = Host::new(|request| match request {
        request if request.body.contains("slow") => Act::Hang,
        request if request.is("POST ") => Act::Answer(answer("401 Unauthorized", "{}")),
        _ => visitor(),
    });
    let Some(member) = without_locks(host.member().credentials(EMAIL, "before")) else {
        return;
    };
    let member = member.credentials(EMAIL, "slow");
    let mut child = until_sent(&host, member.command(&["bookings", "--timeout", "1"]));
    child.kill().expect("a signal");
    child.wait().expect("it ends");
    let sent = host.posts();
    assert!(
        member.cached().iter().any(|name| name.ends_with(".turn")),
        "it was left behind"
    );
    // They wait until the one before must have ended: it might still get its answer.
    for _ in 0..2 {
        assert_eq!(member.run(&["bookings"]).error(), "network");
    }
    assert_eq!(host.posts(), sent);
    let member = member.credentials(EMAIL, "other");
    assert_eq!(member.run(&["bookings"]).error(), "login_rejected");
    assert_eq!(host.posts(), sent + 1);
}

#[test]
fn a_sign_in_without_a_connection_is_tried_three_times() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let host = Host::on(listener, 1, |_| visitor());
    let outcome = host.member().run(&["bookings", "-vv"]);
    assert_eq!(
        outcome.stderr.matches("tried again in ").count(),
        2,
        "{outcome:?}"
    );
    assert_eq!(host.posts(), 0, "{outcome:?}");
}
