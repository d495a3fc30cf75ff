//! Behind a proxy: user-info in its URL, its refusals, and where it is not to be used.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    thread::JoinHandle,
};

use crate::harness::{Member, club};

/// Takes one connection, reads one request head and answers with `reply`; gives the head.
pub(crate) fn answer_one(listener: &TcpListener, reply: &str) -> String {
    let (stream, _) = listener.accept().expect("a connection");
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).expect("a line") > 0 {}
    let mut stream = reader.into_inner();
    stream.write_all(reply.as_bytes()).expect("the reply is sent");
    head
}

/// A proxy that answers one request.
struct Proxy {
    url: String,
    seen: JoinHandle<String>,
}

impl Proxy {
    fn start(reply: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = listener.local_addr().expect("an address").to_string();
        let seen = std::thread::spawn(move || answer_one(&listener, reply));
        Self { url, seen }
    }

    fn seen(self) -> String {
        self.seen.join().expect("the proxy ends")
    }
}

const DENIED: &str = "HTTP/1.1 403 Forbidden\r\nx-deny-reason: host_not_allowed\r\nContent-Length: 0\r\n\r\n";
const WANTS_USER: &str = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";

#[test]
fn a_refused_host_is_named_for_the_allow_list() {
    let proxy = Proxy::start(DENIED);
    let member = Member::new().env("HTTPS_PROXY", &format!("http://agent:pr0xy-secret@{}", proxy.url));
    let outcome = member.run(&["availability", "--club", "riverside", "-vv"]);
    assert_eq!((outcome.error().as_str(), outcome.code), ("network", 6), "{outcome:?}");
    assert!(outcome.stderr.contains("allow the host `riverside.gladstonego.cloud`"), "{outcome:?}");
    assert!(!outcome.stderr.contains("pr0xy-secret"), "{outcome:?}");
    let head = proxy.seen();
    assert!(head.starts_with("CONNECT riverside.gladstonego.cloud:443 "), "{head}");
    // agent:pr0xy-secret
    assert!(head.to_lowercase().contains("proxy-authorization: basic ywdlbnq6chiwehktc2vjcmv0"), "{head}");
}

#[test]
fn a_refusal_in_the_portals_stead_gives_the_proxys_reason() {
    // A proxy that inspects answers as if it were the portal.
    let proxy = Proxy::start(DENIED);
    let outcome = Member::new().run(&["availability", "--club", &format!("http://{}", proxy.url)]);
    assert_eq!((outcome.error().as_str(), outcome.code), ("network", 6), "{outcome:?}");
    assert!(outcome.stderr.contains("host_not_allowed"), "{outcome:?}");
    assert!(proxy.seen().starts_with("GET /api/samlauthentication/anonymous "));
}

#[test]
fn a_proxy_that_wants_a_user_says_so() {
    let proxy = Proxy::start(WANTS_USER);
    let member = Member::new().env("https_proxy", &format!("http://{}", proxy.url));
    let outcome = member.run(&["availability", "--club", "riverside"]);
    assert_eq!((outcome.error().as_str(), outcome.code), ("network", 6), "{outcome:?}");
    assert!(outcome.stderr.contains("407"), "{outcome:?}");
    proxy.seen();
}

#[test]
fn plain_http_to_this_machine_is_shown_to_no_proxy() {
    let club = club().start();
    let member =
        crate::harness::member(&club).env("HTTP_PROXY", "http://127.0.0.1:9").env("ALL_PROXY", "http://127.0.0.1:9");
    assert_eq!(member.run(&["bookings"]).code, 0);
}

#[test]
fn the_doctor_shows_the_proxy_without_its_password() {
    let club = club().start();
    let member = Member::of(&club).env("HTTPS_PROXY", "http://agent:pr0xy-secret@proxy.example:3128");
    let outcome = member.run(&["doctor", "-vv"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("HTTPS_PROXY is http://proxy.example:3128"), "{}", outcome.stdout);
    assert!(!format!("{outcome:?}").contains("pr0xy-secret"));
}
