//! Signature Version 4, calculated from what arrived (documented by AWS step by step). Written for
//! this simulator: no code of a client is in it.

use axum::http::{HeaderMap, Method, Uri};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};

use crate::{answer::Refusal, setup::Credentials};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The most that a signature's time may be off.
const TOLERANCE: TimeDelta = TimeDelta::minutes(15);

/// All but the unreserved letters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A request, as far as its signature goes.
#[derive(Debug)]
pub(crate) struct SignedRequest<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// `Credential=…/date/region/service/aws4_request, SignedHeaders=a;b, Signature=…`, in pieces.
#[derive(Debug)]
pub(crate) struct Authorization<'a> {
    pub(crate) key_id: &'a str,
    scope: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Self, Refusal> {
        let value = headers.get("authorization");
        let value = value.and_then(|value| value.to_str().ok()).ok_or_else(|| {
            Refusal::new(
                "MissingAuthenticationTokenException",
                "Request is missing Authentication Token",
            )
        })?;
        Self::parse(value).ok_or_else(|| {
            Refusal::new(
                "IncompleteSignatureException",
                "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' \
                 parameters",
            )
        })
    }

    fn parse(value: &'a str) -> Option<Self> {
        let fields = value.strip_prefix(ALGORITHM)?;
        let field = |name: &str| {
            let mut fields = fields.split(',');
            fields.find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let (key_id, scope) = field("Credential")?.split_once('/')?;
        Some(Self {
            key_id,
            scope,
            signed: field("SignedHeaders")?.split(';').collect(),
            signature: field("Signature")?,
        })
    }
}

/// Verifies a request's signature for a region and a service; fails in AWS's words.
pub(crate) fn verify(
    request: &SignedRequest<'_>,
    authorization: &Authorization<'_>,
    credentials: &Credentials,
    (region, service): (&str, &str),
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let header = |name: &str| {
        let value = request.headers.get(name);
        value.and_then(|value| value.to_str().ok())
    };
    if header("x-amz-security-token") != credentials.session_token.as_deref() {
        return Err(Refusal::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ));
    }
    let stamp = header("x-amz-date").unwrap_or_default();
    let time = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").map_err(|_| {
        Refusal::new(
            "IncompleteSignatureException",
            "Date must be in ISO-8601 'basic format'",
        )
    })?;
    if (now - time.and_utc()).abs() > TOLERANCE {
        return Err(mismatch(&format!(
            "Signature expired: {stamp} is not within 15 minutes of {}",
            now.format("%Y%m%dT%H%M%SZ")
        )));
    }
    let date = stamp.get(..8).unwrap_or_default();
    let scope = format!("{date}/{region}/{service}/aws4_request");
    if authorization.scope != scope {
        return Err(mismatch(&format!("Credential should be scoped to {scope}")));
    }
    for (name, _) in request.headers {
        let name = name.as_str();
        let must = name == "host" || name.starts_with("x-amz-");
        if must && !authorization.signed.contains(&name) {
            return Err(mismatch(&format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            )));
        }
    }
    let canonical = canonical_request(request, &authorization.signed);
    let to_sign = format!(
        "{ALGORITHM}\n{stamp}\n{scope}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let secret = format!("AWS4{}", credentials.secret_access_key);
    let mut key = secret.into_bytes();
    for part in [date, region, service, "aws4_request", &to_sign] {
        key = keyed_hash(&key, part.as_bytes());
    }
    if hex(&key) == authorization.signature {
        return Ok(());
    }
    Err(mismatch(
        "The request signature we calculated does not match the signature you provided. Check \
         your AWS Secret Access Key and signing method.",
    ))
}

fn mismatch(message: &str) -> Refusal {
    Refusal::new("InvalidSignatureException", message)
}

fn canonical_request(request: &SignedRequest<'_>, signed: &[&str]) -> String {
    // The path as it was sent, encoded once more: for every service but S3.
    let path = utf8_percent_encode(request.uri.path(), RESERVED).to_string();
    let path = path.replace("%2F", "/");
    let headers = signed.iter().map(|name| {
        let values = request.headers.get_all(*name).iter();
        let values = values.map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
        });
        format!("{name}:{}\n", values.collect::<Vec<_>>().join(","))
    });
    let headers: String = headers.collect();
    let hash = hex(&Sha256::digest(request.body));
    format!(
        "{}\n{path}\n{}\n{headers}\n{}\n{hash}",
        request.method,
        canonical_query(request.uri.query().unwrap_or_default()),
        signed.join(";")
    )
}

fn canonical_query(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<String> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            format!("{}={}", encode_again(name), encode_again(value))
        })
        .collect();
    pairs.sort();
    pairs.join("&")
}

fn encode_again(text: &str) -> String {
    let plain = percent_decode_str(text).collect::<Vec<u8>>();
    percent_encoding::percent_encode(&plain, RESERVED).to_string()
}

fn keyed_hash(key: &[u8], data: &[u8]) -> Vec<u8> {
    // A key of HMAC may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
