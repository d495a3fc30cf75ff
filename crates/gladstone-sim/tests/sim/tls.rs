//! The club over https.

use std::fs;

use gladstone_sim::{Certificate, Club};

use crate::http::{ANONYMOUS, request_tls};

#[test]
fn the_throw_away_ca_is_good_for_the_club() {
    let club = Club::builder().https().start();
    assert!(club.url().starts_with("https://127.0.0.1:"));
    assert_eq!(fs::read_to_string(club.ca_file()).unwrap(), club.ca_pem());
    let answer = request_tls(&club, club.ca_pem(), ANONYMOUS).unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.headers["set-cookie"].ends_with("; HttpOnly; Secure"));
}

#[test]
fn bad_certificates_are_bad() {
    for (certificate, reason) in [
        (Certificate::Expired, "Expired"),
        (Certificate::WrongName, "not valid for name"),
    ] {
        let club = Club::builder().https().certificate(certificate).start();
        let error = request_tls(&club, club.ca_pem(), ANONYMOUS)
            .unwrap_err()
            .to_string();
        assert!(
            error.to_lowercase().contains(&reason.to_lowercase()),
            "{error}"
        );
        club.never_called();
    }
}

#[test]
fn another_clubs_ca_is_not_trusted() {
    let (club, other) = (
        Club::builder().https().start(),
        Club::builder().https().start(),
    );
    assert!(
        request_tls(&club, other.ca_pem(), ANONYMOUS)
            .unwrap_err()
            .to_string()
            .contains("UnknownIssuer")
    );
    club.never_called();
    other.never_called();
}
