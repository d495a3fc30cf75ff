//! Https with a throw-away authority: trusted when named, else refused with the reason in words.

use std::{
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use gladstone_sim::{Certificate, Club};

use crate::harness::{Member, Outcome, club, port, text};

fn trusting(club: &Club) -> Member {
    Member::of(club).env(
        "SSL_CERT_FILE",
        club.ca_file().to_str().expect("a plain path"),
    )
}

fn refused(certificate: Certificate) -> Outcome {
    let club = club().certificate(certificate).https().start();
    club.never_called();
    let outcome = trusting(&club).run("availability");
    outcome.assert_error("network", 6);
    outcome
}

#[test]
fn a_named_authority_is_trusted_besides_the_others() {
    let club = club().https().start();
    let member = trusting(&club);
    member.run("availability").assert_success();
    let outcome = member.run("doctor");
    outcome.assert_success();
    let roots = outcome
        .stdout
        .lines()
        .find(|line| line.contains("trusted certificates"))
        .expect("a line")
        .to_owned();
    assert!(
        roots.contains("1 from /") && roots.contains("bundled"),
        "{roots}"
    );
}

#[test]
fn a_directory_of_authorities_is_trusted() {
    let club = club().https().start();
    let member = Member::of(&club).file("authorities/club.pem", club.ca_pem());
    let directory = member.path("authorities").display().to_string();
    member
        .env("SSL_CERT_DIR", &directory)
        .run("availability")
        .assert_success();
}

#[test]
fn an_unknown_authority_is_refused() {
    let club = club().https().start();
    club.never_called();
    Member::of(&club)
        .run("availability")
        .assert_error("network", 6)
        .assert_stderr_has("authority that this machine does not trust");
}

#[test]
fn an_expired_certificate_is_told_with_dates() {
    refused(Certificate::Expired)
        .assert_stderr_has("ended on 20")
        .assert_stderr_has("clock says 20");
}

#[test]
fn a_certificate_of_another_host_is_told() {
    assert!(
        refused(Certificate::WrongName)
            .stderr
            .contains("for another host")
    );
}

#[test]
fn doctor_reports_an_unreadable_authority_file() {
    let club = club().start();
    let member = Member::of(&club)
        .env("SSL_CERT_FILE", "/nowhere/ca.pem")
        .env("SSL_CERT_DIR", "/nowhere");
    member.run("availability").assert_success();
    member
        .run("doctor")
        .assert_success()
        .assert_stdout_has("/nowhere/ca.pem cannot be read");
}

/// The doctor's health and finding on certificates.
fn trusted(member: &Member) -> (String, String) {
    member.run("doctor --json").check("trusted certificates")
}

/// A member of this club whose `SSL_CERT_FILE` holds these bytes.
fn naming(club: &Club, bytes: &[u8]) -> Member {
    let member = Member::of(club).asking_for("UB", "PADEL60");
    std::fs::write(member.path("ca"), bytes).expect("a file");
    let path = member.path("ca").display().to_string();
    member.env("SSL_CERT_FILE", &path)
}

#[test]
fn an_authority_is_trusted_in_whatever_form_it_is_written() {
    let club = club().https().start();
    let pem = club.ca_pem();
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let der = BASE64_STANDARD.decode(base64).expect("base64");
    let utf_16: Vec<u8> = format!("\u{feff}{pem}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (form, bytes) in [
        ("DER", der),
        ("BOM", format!("\u{feff}{pem}").into_bytes()),
        ("UTF-16", utf_16),
        ("CRLF", pem.replace('\n', "\r\n").into_bytes()),
        (
            "TRUSTED",
            pem.replace(" CERTIFICATE", " TRUSTED CERTIFICATE")
                .into_bytes(),
        ),
    ] {
        let member = naming(&club, &bytes);
        member.run("availability").case(form).assert_quiet_success();
        let (health, found) = trusted(&member);
        assert!(
            health == "ok" && found.contains("1 from "),
            "{form}: {found}"
        );
    }
}

#[test]
fn doctor_says_what_a_file_without_certificates_holds() {
    let club = club().https().start();
    for (bytes, told) in [
        (&b""[..], "holds no certificate: it is empty"),
        (
            b"<html><title>Sign in</title>",
            "holds no certificate: it seems to be an HTML page",
        ),
        (
            b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
            "it seems to be a private key",
        ),
        (
            &[0x30, 5, 2, 1, 3, 0x30, 0],
            "that can be used: it seems to be a PKCS#12 file",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nMIIB",
            "the certificate in it is damaged or cut off",
        ),
    ] {
        let member = naming(&club, bytes);
        let outcome = member.run("availability --json");
        outcome.assert_error("network", 6);
        let error = "that this machine does not trust; SSL_CERT_FILE adds no trusted certificate: ";
        outcome.assert_stderr_has(error).assert_stderr_has(told);
        let (health, found) = trusted(&member);
        assert!(health == "warning" && found.contains(told), "{found}");
        // Where another authority makes the connection work, it is only a warning.
        let directory = club
            .ca_file()
            .parent()
            .expect("a directory")
            .display()
            .to_string();
        let member = member.env("SSL_CERT_DIR", &directory);
        let outcome = member.run("availability --json");
        outcome.assert_success();
        let warning = text(&outcome.json()["warnings"][0]).to_owned();
        assert!(
            warning.starts_with("SSL_CERT_FILE adds no") && warning.contains(told),
            "{warning}"
        );
        outcome.assert_stderr_has(&warning);
    }
}

#[test]
fn places_without_an_authority_are_told_and_none_hangs() {
    let club = club().https().start();
    club.never_called();
    let home = "the home directory";
    for (variable, place, told) in [
        (
            "SSL_CERT_FILE",
            home,
            "is a directory, which is for SSL_CERT_DIR",
        ),
        (
            "SSL_CERT_FILE",
            "/nowhere/ca.pem",
            "/nowhere/ca.pem cannot be read",
        ),
        ("SSL_CERT_FILE", "/dev/zero", "/dev/zero is not a file"),
        (
            "SSL_CERT_DIR",
            home,
            "holds no certificate that can be used",
        ),
        ("SSL_CERT_DIR", "/nowhere", "/nowhere cannot be read"),
        ("SSL_CERT_DIR", "/dev/null", "/dev/null cannot be read"),
    ] {
        let member = Member::of(&club);
        let path = member.home.path().display().to_string();
        let member = member.env(variable, if place == home { &path } else { place });
        member
            .run("availability")
            .assert_error("network", 6)
            .assert_stderr_has(&format!("{variable} adds no trusted certificate: "))
            .assert_stderr_has(told);
        assert_eq!(trusted(&member).0, "warning");
    }
}

/// Passes connections on to this port, and counts them.
fn counting(port: u16) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (own, count) = (
        listener.local_addr().expect("an address").port(),
        Arc::new(AtomicUsize::new(0)),
    );
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            counted.fetch_add(1, Ordering::SeqCst);
            let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                continue;
            };
            for (from, to) in [(&client, &server), (&server, &client)] {
                let (mut from, mut to) = (
                    from.try_clone().expect("a stream"),
                    to.try_clone().expect("a stream"),
                );
                std::thread::spawn(move || {
                    std::io::copy(&mut from, &mut to).map(|_| to.shutdown(Shutdown::Write))
                });
            }
        }
    });
    (own, count)
}

#[test]
fn a_certificate_that_is_refused_is_not_tried_again() {
    let clubs = [
        club().https().start(),
        club().certificate(Certificate::Expired).https().start(),
        club().start(),
    ];
    for club in &clubs {
        club.never_called();
        let (relay, count) = counting(port(club));
        let outcome = Member::new().run([
            "availability",
            "--club",
            &format!("https://127.0.0.1:{relay}"),
        ]);
        outcome.assert_error("network", 6);
        assert_eq!(count.load(Ordering::SeqCst), 1, "{outcome:?}");
    }
}

#[test]
fn plain_http_at_the_port_of_a_tls_club_is_told() {
    let club = club().start();
    club.never_called();
    Member::new()
        .run([
            "availability",
            "--club",
            &club.url().replace("http:", "https:"),
        ])
        .assert_error("network", 6)
        .assert_stderr_has("does not speak TLS");
}

#[test]
fn roots_of_directories_are_counted_and_no_empty_one_is_told() {
    let club = club().https().start();
    let member = Member::of(&club)
        .file("authorities/club.pem", club.ca_pem())
        .file("authorities/again.pem", club.ca_pem())
        .file("authorities/notes.txt", "mine");
    let directory = member.path("authorities").display().to_string();
    let member = member.env("SSL_CERT_DIR", &format!(":{directory}:"));
    member.run("availability --json").assert_quiet_success();
    let (health, found) = trusted(&member);
    let expected = format!("2 from {directory}");
    assert!(
        health == "ok" && found.contains(&expected),
        "{health}: {found}"
    );
}
