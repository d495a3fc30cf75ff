//! Certificates in a file that somebody named, in whatever form they are written, and what it seems
//! to be where there are none. Judges no certificate.
//!
//! rustls's own reader of PEM takes the usual file. The other forms are ours: nothing in the tree
//! reads them.

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

/// The largest file that is read; all roots of a system are a quarter of a megabyte.
const LIMIT: u64 = 16 * 1024 * 1024;
/// Labels of one certificate in PEM: the usual one, an older one, and OpenSSL's own with its notes
/// on trust behind it.
const LABELS: [&str; 3] = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];

/// Says why a file or directory cannot be read.
pub(crate) fn describe_unreadable(error: &std::io::Error) -> String {
    format!("cannot be read ({error})")
}

/// Reads a file that somebody named; what is none (a pipe, a device) might never end.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = fs::metadata(path).map_err(|error| describe_unreadable(&error))?;
    if metadata.is_dir() {
        return Err("is a directory, which is for SSL_CERT_DIR".to_owned());
    }
    if !metadata.is_file() {
        return Err("is not a file".to_owned());
    }
    if metadata.len() > LIMIT {
        return Err("is too large for a file of certificates".to_owned());
    }
    fs::read(path).map_err(|error| describe_unreadable(&error))
}

/// Returns the certificates in PEM, also with a BOM, in UTF-16 or with other line ends, or in DER.
pub(crate) fn find_certificates(bytes: &[u8]) -> Vec<CertificateDer<'static>> {
    let plain: Vec<_> = CertificateDer::pem_slice_iter(bytes)
        .filter_map(Result::ok)
        .collect();
    // The usual file takes the fast way.
    if !plain.is_empty() && plain.len() == memchr::memmem::find_iter(bytes, b"-----BEGIN ").count()
    {
        return plain;
    }
    let text = decode_text(bytes);
    let blocks: Vec<_> = pem_blocks(&text)
        .filter(|(label, _)| LABELS.contains(label))
        .collect();
    if blocks.is_empty() {
        return der_elements(bytes)
            .map(|element| element.to_vec().into())
            .collect();
    }
    let decoded = blocks
        .iter()
        .filter_map(|(_, body)| BASE64_STANDARD.decode(body).ok());
    decoded
        .filter_map(|der| Some(der_elements(&der).next()?.to_vec().into()))
        .collect()
}

/// Returns what a file without a certificate seems to be, within a sentence.
pub(crate) fn guess_contents(bytes: &[u8]) -> &'static str {
    let text = decode_text(bytes);
    let start = text.trim_start();
    if bytes.is_empty() || start.is_empty() {
        return "it is empty";
    }
    if let Some(kind) = guess_der(bytes) {
        return kind;
    }
    let labels = [
        ("PRIVATE KEY-----", "it seems to be a private key"),
        (
            "BEGIN PKCS7",
            "it seems to be a PKCS#7 bundle: `openssl pkcs7 -print_certs` makes PEM of it",
        ),
        (
            "BEGIN CMS",
            "it seems to be a PKCS#7 bundle: `openssl pkcs7 -print_certs` makes PEM of it",
        ),
        (
            "BEGIN CERTIFICATE REQUEST",
            "it seems to be a request for a certificate",
        ),
        (
            "BEGIN NEW CERTIFICATE REQUEST",
            "it seems to be a request for a certificate",
        ),
        (
            "BEGIN X509 CRL",
            "it seems to be a list of revoked certificates",
        ),
        ("PUBLIC KEY-----", "it seems to be a public key"),
        (
            "CERTIFICATE-----",
            "the certificate in it is damaged or cut off",
        ),
    ];
    if let Some((_, kind)) = labels.iter().find(|(label, _)| start.contains(label)) {
        return kind;
    }
    match start.bytes().next() {
        Some(b'<') => "it seems to be an HTML page",
        Some(b'{' | b'[') => "it seems to be JSON",
        _ if start.contains(['\0', '\u{fffd}']) => "it seems to be neither PEM nor DER",
        _ => "it seems to be a text",
    }
}

/// Recognizes binary files by their beginning.
fn guess_der(bytes: &[u8]) -> Option<&'static str> {
    let magic: [(&[u8], &str); 5] = [
        (&[0xfe, 0xed, 0xfe, 0xed], "it seems to be a Java keystore"),
        (&[0xce, 0xce, 0xce, 0xce], "it seems to be a Java keystore"),
        (&[0x1f, 0x8b], "it seems to be compressed"),
        (b"PK\x03\x04", "it seems to be an archive"),
        (b"ssh-", "it seems to be an SSH key"),
    ];
    if let Some((_, kind)) = magic.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some(kind);
    }
    let (header, length) = der_header(bytes)?;
    // Within the outer sequence.
    Some(match bytes.get(header..)? {
        [2, 1, 3, ..] => {
            "it seems to be a PKCS#12 file (.p12, .pfx): `openssl pkcs12 -nokeys` makes PEM of its \
                certificates"
        }
        [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2, ..] => {
            "it seems to be a PKCS#7 bundle: `openssl pkcs7 -inform DER -print_certs` makes PEM of \
                it"
        }
        [2, 1, 0, ..] => "it seems to be a private key",
        [0x30, ..] if header + length > bytes.len() => {
            "the certificate in it is damaged or cut off"
        }
        [0x30, ..] => "what is in it is not the certificate of an authority",
        _ => return None,
    })
}

/// UTF-8 or UTF-16, with a BOM or without.
fn decode_text(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [b'-', 0, b'-', 0, ..] => decode_utf16(bytes, u16::from_le_bytes),
        [0, b'-', 0, b'-', ..] => decode_utf16(bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units)
        .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The blocks of PEM, label and base64 without white space. Line ends may be of any kind, or
/// written out as `\n`.
fn pem_blocks(text: &str) -> impl Iterator<Item = (&str, String)> {
    text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let (body, _) = rest.split_once("-----END")?;
        let lines = body.split("\\n").flat_map(str::split_whitespace);
        Some((label, lines.map(|line| line.replace("\\r", "")).collect()))
    })
}

/// The elements of DER that follow each other, whole ones only.
fn der_elements(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (header, length) = der_header(bytes)?;
        let (element, rest) = bytes.split_at_checked(header.checked_add(length)?)?;
        bytes = rest;
        Some(element)
    })
}

/// The lengths of a sequence's header and contents.
fn der_header(bytes: &[u8]) -> Option<(usize, usize)> {
    let [0x30, first, rest @ ..] = bytes else {
        return None;
    };
    if *first < 0x80 {
        return Some((2, usize::from(*first)));
    }
    let count = usize::from(first & 0x7f);
    let digits = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
    let length = digits.iter().try_fold(0_usize, |sum, digit| {
        sum.checked_mul(256)?.checked_add(usize::from(*digit))
    })?;
    Some((2 + count, length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A sequence, which is all that is looked at here.
    const DER: [u8; 5] = [0x30, 3, 1, 2, 3];

    fn pem(label: &str, der: &[u8]) -> String {
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            BASE64_STANDARD.encode(der)
        )
    }

    fn found(bytes: &[u8]) -> Vec<Vec<u8>> {
        find_certificates(bytes)
            .iter()
            .map(|certificate| certificate.to_vec())
            .collect()
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_certificate_is_found_in_each_form() {
        let plain = pem("CERTIFICATE", &DER);
        let marked = format!("\u{feff}{plain}");
        // OpenSSL writes its notes behind the certificate.
        let trusted = pem("TRUSTED CERTIFICATE", &[&DER[..], &[0x30, 1, 9]].concat());
        for (form, bytes) in [
            ("plain", plain.clone().into_bytes()),
            ("DER", DER.to_vec()),
            ("DER and a line end", [&DER[..], b"\n"].concat()),
            ("BOM", marked.clone().into_bytes()),
            ("UTF-16", utf_16(&marked, u16::to_le_bytes)),
            ("UTF-16 without a BOM", utf_16(&plain, u16::to_le_bytes)),
            ("big-endian", utf_16(&marked, u16::to_be_bytes)),
            ("CRLF", plain.replace('\n', "\r\n").into_bytes()),
            ("CR", plain.replace('\n', "\r").into_bytes()),
            ("one line", plain.replace('\n', " ").into_bytes()),
            (
                "written-out line ends",
                plain.replace('\n', "\\n").into_bytes(),
            ),
            ("indented", plain.replace("\n", "\n  ").into_bytes()),
            ("trusted", trusted.into_bytes()),
            ("an older label", pem("X509 CERTIFICATE", &DER).into_bytes()),
            (
                "with text around",
                format!("# My CA\nBag Attributes\n{plain}more").into_bytes(),
            ),
            (
                "with a key",
                format!("{}{plain}", pem("PRIVATE KEY", &DER)).into_bytes(),
            ),
            (
                "with a damaged one",
                format!("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n{plain}")
                    .into_bytes(),
            ),
        ] {
            assert_eq!(found(&bytes), [DER.to_vec()], "{form}");
        }
        assert_eq!(found(&[DER, DER].concat()).len(), 2);
        assert_eq!(found(format!("\u{feff}{plain}{plain}").as_bytes()).len(), 2);
        assert_eq!(
            found(format!("{plain}{}", pem("TRUSTED CERTIFICATE", &DER)).as_bytes()).len(),
            2
        );
    }

    #[test]
    fn what_is_none_is_named() {
        let pkcs_7 = [0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
        for (bytes, told) in [
            (&b""[..], "empty"),
            (b" \r\n", "empty"),
            (b"\xef\xbb\xbf\n", "empty"),
            (b"\n<!doctype html>", "HTML"),
            (b"{\"a\": 1}", "JSON"),
            (b"hello", "a text"),
            (b"\x00\x01\xff", "neither PEM nor DER"),
            (b"ssh-rsa AAAA", "SSH"),
            (b"PK\x03\x04..", "archive"),
            (&[0xfe, 0xed, 0xfe, 0xed, 0], "keystore"),
            (&[0x30, 0x82, 9, 9, 2, 1, 3, 0x30], "PKCS#12"),
            (&pkcs_7, "PKCS#7"),
            (&[0x30, 4, 2, 1, 0, 0], "private key"),
            (&[0x30, 0x82, 9, 9, 0x30, 1], "cut off"),
            (pem("ENCRYPTED PRIVATE KEY", &DER).as_bytes(), "private key"),
            (pem("PKCS7", &DER).as_bytes(), "PKCS#7"),
            (pem("CERTIFICATE REQUEST", &DER).as_bytes(), "a request"),
            (pem("PUBLIC KEY", &DER).as_bytes(), "public key"),
            (pem("X509 CRL", &DER).as_bytes(), "revoked"),
            (b"-----BEGIN CERTIFICATE-----\nMII", "cut off"),
        ] {
            assert!(
                guess_contents(bytes).contains(told),
                "{told}: {}",
                guess_contents(bytes)
            );
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200), start in "0\u{1}?|-----BEGIN CERTIFICATE-----|") {
            let bytes = [start.as_bytes(), &bytes].concat();
            find_certificates(&bytes);
            prop_assert!(!guess_contents(&bytes).is_empty());
        }
    }

    #[test]
    fn elements_of_der_are_taken_by_their_length() {
        let long: Vec<u8> = [0x30, 0x81, 3, 1, 2, 3].into();
        assert_eq!(
            found(&[&long[..], &DER, &[0x30, 9]].concat()),
            [long, DER.to_vec()]
        );
        let wide: Vec<u8> = [0x30, 0x82, 0, 3, 1, 2, 3].into();
        assert_eq!(found(&wide), [wide]);
        // A length that is not known, none at all, and too many digits of it.
        for start in [&[0x30, 0x80][..], &[0x30, 0x85, 0, 0, 0, 0, 3], &[0x31, 3]] {
            assert_eq!(
                found(&[start, &[0; 200]].concat()[..start.len() + 128]),
                Vec::<Vec<u8>>::new()
            );
        }
    }

    #[test]
    fn a_whole_certificate_is_told_from_one_that_is_cut() {
        for (bytes, told) in [
            (
                &[0x30, 3, 0x30, 1, 0][..],
                "not the certificate of an authority",
            ),
            (&[0x30, 4, 0x30, 1, 0], "damaged or cut off"),
            (&[0x30, 3, 4, 1, 0], "neither PEM nor DER"),
        ] {
            assert!(
                guess_contents(bytes).contains(told),
                "{bytes:?}: {}",
                guess_contents(bytes)
            );
        }
        let plain = pem("CERTIFICATE", &DER);
        let big: Vec<u8> = plain.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(found(&big), [DER.to_vec()], "big-endian without a BOM");
    }

    #[test]
    fn a_file_of_certificates_has_a_largest_size() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (size, is_read) in [
            (0, true),
            (LIMIT, true),
            (LIMIT + 1, false),
            (LIMIT + 2, false),
        ] {
            file.as_file().set_len(size).unwrap();
            assert_eq!(read_file(file.path()).is_ok(), is_read, "{size}");
        }
        assert!(
            read_file(std::env::temp_dir().as_path())
                .unwrap_err()
                .contains("a directory")
        );
    }
}
