//! Behind a proxy: user-info in its URL, its refusals, and where it is not to be used.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use gladstone_sim::Club;

use crate::harness::{Member, Outcome, club, port};

/// A proxy that gives its answers in turn, the last of them for ever; an empty one closes the
/// connection.
struct Proxy {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start(replies: &'static [&'static str]) -> Self {
        Self::start_before(replies, None)
    }

    /// With a tunnel to this port of this machine in place of any answer after the last.
    fn start_before(replies: &'static [&'static str], port: Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = listener.local_addr().expect("an address").to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for number in 0.. {
                let (stream, _) = listener.accept().expect("a connection");
                let reply = match port {
                    Some(port) if number >= replies.len() => Err(port),
                    _ => Ok(replies[number.min(replies.len() - 1)]),
                };
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || serve(stream, reply, &seen));
            }
        });
        Self { url, heads }
    }

    fn seen(&self) -> Vec<String> {
        self.heads.lock().expect("the proxy lives").clone()
    }

    /// A member behind it, asking an unreachable club.
    fn ask(&self, variable: &str, user: &str, args: &str) -> Outcome {
        let member = Member::new().env(variable, &format!("http://{user}{}", self.url));
        member.run(format!("availability --club riverside {args}"))
    }
}

fn serve(stream: TcpStream, reply: Result<&str, u16>, seen: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).ok()? > 0 {}
    seen.lock().ok()?.push(head);
    let mut client = stream;
    let port = match reply {
        Ok(reply) => return client.write_all(reply.as_bytes()).ok(),
        Err(port) => port,
    };
    let mut server = TcpStream::connect(("127.0.0.1", port)).ok()?;
    client
        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
        .ok()?;
    let mut back = (server.try_clone().ok()?, client.try_clone().ok()?);
    std::thread::spawn(move || {
        std::io::copy(&mut back.0, &mut back.1).map(|_| back.1.shutdown(Shutdown::Both))
    });
    std::io::copy(&mut client, &mut server).ok()?;
    server.shutdown(Shutdown::Both).ok()
}

/// An https club, and a member who trusts it and would reach it through this proxy.
fn behind(variable: &str, proxy: &str) -> (Club, Member) {
    let club = club().https().start();
    let member = Member::of(&club).env(
        "SSL_CERT_FILE",
        club.ca_file().to_str().expect("a plain path"),
    );
    let member = member.asking_for("UB", "PADEL60").env(variable, proxy);
    (club, member)
}

#[track_caller]
fn fails(outcome: &Outcome, told: &[&str]) {
    outcome.assert_error("network", 6);
    for part in told {
        outcome.assert_stderr_has(part);
    }
}

const DENIED: &str =
    "HTTP/1.1 403 Forbidden\r\nx-deny-reason: host_not_allowed\r\nContent-Length: 0\r\n\r\n";
const WANTS_USER: &str = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";

#[test]
fn a_refused_host_is_named_for_the_allow_list() {
    let proxy = Proxy::start(&[DENIED]);
    let outcome = proxy.ask("HTTPS_PROXY", "agent:pr0xy-secret@", "-vv");
    let named = format!(
        "the proxy http://{} (from HTTPS_PROXY) refuses riverside.gladstonego.cloud",
        proxy.url
    );
    fails(
        &outcome,
        &[
            &named,
            "403 Forbidden: host_not_allowed",
            "allow the host `riverside.gladstonego.cloud`",
        ],
    );
    outcome.assert_stderr_lacks("pr0xy-secret");
    let heads = proxy.seen();
    assert_eq!(
        heads.len(),
        2,
        "asked for its reason once, and not tried again"
    );
    for head in heads {
        assert!(
            head.starts_with("CONNECT riverside.gladstonego.cloud:443 "),
            "{head}"
        );
        // agent:pr0xy-secret
        assert!(
            head.to_lowercase()
                .contains("proxy-authorization: basic ywdlbnq6chiwehktc2vjcmv0"),
            "{head}"
        );
    }
}

#[test]
fn a_refusal_in_the_portals_stead_gives_the_proxys_reason() {
    // A proxy that inspects answers as if it were the portal.
    let proxy = Proxy::start(&[DENIED]);
    let outcome = Member::new().run(["availability", "--club", &format!("http://{}", proxy.url)]);
    fails(&outcome, &["the proxy refuses 127.0.0.1: host_not_allowed"]);
    assert!(proxy.seen()[0].starts_with("GET /api/samlauthentication/anonymous "));
}

#[test]
fn a_proxy_that_wants_a_user_says_so() {
    let proxy = Proxy::start(&[WANTS_USER]);
    let told = [
        "(from https_proxy) wants a user name and password (407)",
        "http://USER:PASSWORD@HOST:PORT",
    ];
    fails(&proxy.ask("https_proxy", "", ""), &told);
    let told = ["(from https_proxy) does not accept its user name and password (407)"];
    fails(&proxy.ask("https_proxy", "agent:pr0xy-secret@", ""), &told);
}

#[test]
fn a_proxy_that_is_down_is_named_and_not_the_club() {
    for (variable, proxy, told) in [
        (
            "HTTPS_PROXY",
            "http://127.0.0.1:9",
            "the proxy http://127.0.0.1:9 (from HTTPS_PROXY): nothing answers there",
        ),
        (
            "all_proxy",
            "u:pr0xy-secret@127.0.0.1:9",
            "the proxy http://127.0.0.1:9 (from all_proxy): nothing answers",
        ),
        (
            "https_proxy",
            "http://nowhere.invalid:3128",
            "the proxy http://nowhere.invalid:3128 (from https_proxy): ",
        ),
        (
            "ALL_PROXY",
            "https://127.0.0.1:9",
            "the proxy https://127.0.0.1:9 (from ALL_PROXY): nothing answers there",
        ),
    ] {
        let outcome = Member::new()
            .env(variable, proxy)
            .run("availability --club riverside -vv");
        fails(&outcome, &[told, "in NO_PROXY"]);
        outcome.assert_stderr_lacks("pr0xy-secret");
    }
    let replies = [
        ("", "without an answer"),
        (
            "SSH-2.0-x\r\n\r\n",
            "refuses riverside.gladstonego.cloud, or is no HTTP proxy",
        ),
        ("HTTP/1.1 200 OK\r\n\r\n", "(from HTTPS_PROXY)"),
    ];
    for (reply, told) in replies {
        let proxy = Proxy::start(Vec::leak(vec![reply]));
        fails(
            &proxy.ask("HTTPS_PROXY", "", ""),
            &["the proxy http://127.0.0.1:", told],
        );
    }
}

#[test]
fn a_proxy_that_stays_silent_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let silent = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        std::io::copy(&mut stream, &mut std::io::sink()).expect("the end of it")
    });
    let outcome = Member::new()
        .env("HTTPS_PROXY", &url)
        .run("availability --club riverside --timeout 1");
    let told =
        format!("the proxy {url} (from HTTPS_PROXY): it opened no connection to the host in time");
    fails(&outcome, &[&told, "in NO_PROXY"]);
    assert!(silent.join().expect("a connection") > 0, "it was asked");
}

#[test]
fn an_error_of_a_proxy_is_tried_again() {
    const BAD: &str = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9\r\n\r\nupstream!";
    let club = club().https().start();
    let port = port(&club);
    for replies in [&[BAD][..], &[BAD, BAD], &[BAD, BAD, BAD], &[]] {
        let proxy = Proxy::start_before(replies, Some(port));
        let through = Member::of(&club).env("HTTPS_PROXY", &format!("http://{}", proxy.url));
        let through = through.env(
            "SSL_CERT_FILE",
            club.ca_file().to_str().expect("a plain path"),
        );
        assert_eq!(through.run("availability").code, 0, "{}", replies.len());
        assert!(proxy.seen().len() > replies.len());
    }
    let proxy = Proxy::start(&[BAD]);
    let outcome = proxy.ask("HTTPS_PROXY", "", "");
    fails(
        &outcome,
        &[
            "(from HTTPS_PROXY) reports an error: 502 Bad Gateway: upstream!",
            "try again in some minutes",
        ],
    );
    assert_eq!(
        proxy.seen().len(),
        6,
        "three tries, and its reason asked for after each"
    );
}

#[test]
fn a_reason_that_repeats_the_password_is_not_told() {
    let echo =
        "HTTP/1.1 403 No\r\nx-deny-reason: agent:pr0xy-secret may not\r\nContent-Length: 0\r\n\r\n";
    let proxy = Proxy::start(Vec::leak(vec![echo]));
    let outcome = proxy.ask("HTTPS_PROXY", "agent:pr0xy%2Dsecret@", "-vvv");
    fails(&outcome, &["403 Forbidden: …"]);
    outcome.assert_stderr_lacks("secret");
}

#[test]
fn what_is_no_proxys_address_is_told_with_what_to_escape() {
    for value in [
        "http://agent:pr0xy#secret@proxy.example:3128",
        "http://agent:pr0xy/secret@proxy.example:3128",
        "http://agent:pr0xy?secret@proxy.example:3128",
        "http://agent:pr0xy secret@proxy.example:3128",
        "http://agent:pr0xy%secret@proxy.example:3128",
        "socks5://agent:pr0xysecret@proxy.example:1080",
        "http://agent:pr0xysecret@proxy.example:port",
        "http:///pr0xysecret",
    ] {
        let member = Member::new()
            .env("HTTPS_PROXY", value)
            .env("PSLC_CLUB", "riverside");
        for args in ["availability -vv", "availability --json", "activities -v"] {
            member
                .run(args)
                .case(value)
                .assert_error("config_invalid", 8)
                .assert_stderr_has("HTTPS_PROXY ")
                .assert_stderr_has("`#` as %23")
                .assert_stderr_lacks("secret")
                .assert_stderr_lacks("pr0xy");
        }
        let doctor = member.run("doctor --json");
        assert_eq!(
            (doctor.code, doctor.check("proxy").0.as_str()),
            (8, "failed"),
            "{doctor:?}"
        );
        assert!(!format!("{doctor:?}").contains("pr0xy"), "{doctor:?}");
        // Who does not go through it is not held up by it.
        let club = club().start();
        Member::of(&club)
            .env("HTTPS_PROXY", value)
            .run("availability")
            .assert_success();
    }
}

#[test]
fn the_last_at_sign_ends_the_password() {
    let proxy = Proxy::start(&[DENIED]);
    proxy.ask("HTTPS_PROXY", "u:p@ss@", "");
    // u:p@ss
    assert!(
        proxy.seen()[0].contains("Basic dTpwQHNz\r\n"),
        "{:?}",
        proxy.seen()
    );
}

#[test]
fn lower_case_counts_first_and_an_empty_variable_is_none() {
    let (used, other) = (Proxy::start(&[DENIED]), Proxy::start(&[DENIED]));
    let ways = [
        ("https_proxy", "HTTPS_PROXY", false),
        ("HTTPS_PROXY", "all_proxy", false),
        ("all_proxy", "ALL_PROXY", false),
        ("https_proxy", "HTTPS_PROXY", true),
        ("HTTPS_PROXY", "https_proxy", true),
        ("ALL_PROXY", "https_proxy", true),
    ];
    for (number, (counts, beside, is_empty)) in ways.into_iter().enumerate() {
        let beside_value = if is_empty {
            String::new()
        } else {
            format!("http://{}", other.url)
        };
        let member = Member::new()
            .env(counts, &format!("http://{}", used.url))
            .env(beside, &beside_value);
        let member = member.env("PSLC_CLUB", "riverside");
        fails(&member.run("availability"), &[&format!("(from {counts})")]);
        assert_eq!(
            (used.seen().len(), other.seen().len()),
            (number * 4 + 2, 0),
            "{counts} {beside}"
        );
        let doctor = member.run("doctor --json").check("proxy").1;
        let told = format!("{counts} is http://{}", used.url);
        assert!(
            doctor.starts_with(&told) && doctor.contains("; used for riverside.gladstonego.cloud"),
            "{doctor}"
        );
        assert_eq!(
            doctor.contains(&format!("{beside} is ignored: only the first counts")),
            !is_empty,
            "{doctor}"
        );
    }
}

#[test]
fn an_excepted_host_is_reached_without_the_proxy() {
    for list in [
        "*",
        "127.0.0.1",
        "example.org, 127.0.0.0/8",
        "::1 127.0.0.1",
    ] {
        for variable in ["no_proxy", "NO_PROXY"] {
            let (_club, member) = behind("HTTPS_PROXY", "http://agent:pr0xy-secret@127.0.0.1:9");
            fails(&member.run("availability"), &["the proxy"]);
            let member = member.env(variable, list);
            member.run("availability").case(list).assert_success();
            let doctor = member.run("doctor --json").check("proxy").1;
            assert!(
                doctor.contains(&format!("not used for 127.0.0.1: {variable} names it")),
                "{doctor}"
            );
        }
    }
    let (club, member) = behind("HTTPS_PROXY", "http://127.0.0.1:9");
    club.never_called();
    fails(
        &member
            .env("NO_PROXY", ".example.org,10.0.0.0/8,127.0.0.1:1")
            .run("availability"),
        &["the proxy"],
    );
}

#[test]
fn plain_http_to_this_machine_is_shown_to_no_proxy() {
    let club = club().start();
    let member = crate::harness::member(&club)
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("ALL_PROXY", "http://127.0.0.1:9");
    member.run("bookings").assert_success();
}

#[test]
fn the_doctor_shows_the_proxy_without_its_password() {
    let club = club().start();
    let member = Member::of(&club).env(
        "HTTPS_PROXY",
        "http://agent:pr0xy-secret@proxy.example:3128",
    );
    let outcome = member.run("doctor -vv");
    outcome
        .assert_success()
        .assert_stdout_has("HTTPS_PROXY is http://proxy.example:3128");
    assert!(!format!("{outcome:?}").contains("pr0xy-secret"));
}
