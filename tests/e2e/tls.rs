//! Https with a throw-away authority: trusted when named, else refused with the reason in words.

use gladstone_sim::{Certificate, Club};

use crate::harness::{Member, Outcome, club};

fn trusting(club: &Club) -> Member {
    Member::of(club).env("SSL_CERT_FILE", club.ca_file().to_str().expect("a plain path"))
}

fn refused(certificate: Certificate) -> Outcome {
    let club = club().certificate(certificate).https().start();
    club.never_called();
    let outcome = trusting(&club).run(&["availability"]);
    assert_eq!((outcome.error().as_str(), outcome.code), ("network", 6), "{outcome:?}");
    outcome
}

#[test]
fn a_named_authority_is_trusted_besides_the_others() {
    let club = club().https().start();
    let member = trusting(&club);
    assert_eq!(member.run(&["availability"]).code, 0);
    let outcome = member.run(&["doctor"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let roots = outcome.stdout.lines().find(|line| line.contains("trusted certificates")).expect("a line").to_owned();
    assert!(roots.contains("1 from /") && roots.contains("bundled"), "{roots}");
}

#[test]
fn a_directory_of_authorities_is_trusted() {
    let club = club().https().start();
    let member = Member::of(&club).file("authorities/club.pem", club.ca_pem());
    let directory = member.path("authorities").display().to_string();
    assert_eq!(member.env("SSL_CERT_DIR", &directory).run(&["availability"]).code, 0);
}

#[test]
fn an_unknown_authority_is_refused() {
    let club = club().https().start();
    club.never_called();
    let outcome = Member::of(&club).run(&["availability"]);
    assert_eq!((outcome.error().as_str(), outcome.code), ("network", 6), "{outcome:?}");
    assert!(outcome.stderr.contains("authority that this machine does not trust"), "{outcome:?}");
}

#[test]
fn an_expired_certificate_is_told_with_dates() {
    let outcome = refused(Certificate::Expired);
    assert!(outcome.stderr.contains("ended on 20") && outcome.stderr.contains("clock says 20"), "{outcome:?}");
}

#[test]
fn a_certificate_of_another_host_is_told() {
    assert!(refused(Certificate::WrongName).stderr.contains("for another host"));
}

#[test]
fn an_authority_that_cannot_be_read_is_shown_by_the_doctor_and_fatal_for_nobody() {
    let club = club().start();
    let member = Member::of(&club).env("SSL_CERT_FILE", "/nowhere/ca.pem").env("SSL_CERT_DIR", "/nowhere");
    assert_eq!(member.run(&["availability"]).code, 0);
    let outcome = member.run(&["doctor"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert!(outcome.stdout.contains("/nowhere/ca.pem unreadable"), "{}", outcome.stdout);
}

#[test]
fn plain_http_at_the_port_of_a_tls_club_is_told() {
    let club = club().start();
    club.never_called();
    let outcome = Member::new().run(&["availability", "--club", &club.url().replace("http:", "https:")]);
    assert_eq!((outcome.error().as_str(), outcome.code), ("network", 6), "{outcome:?}");
    assert!(outcome.stderr.contains("does not speak TLS"), "{outcome:?}");
}
