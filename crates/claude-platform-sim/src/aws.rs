//! Signatures of Claude Platform on AWS, verified by making them anew from what arrived.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use chrono::{NaiveDateTime, TimeDelta};
use sim_server::machine_time;

use crate::{answer::Refusal, request::Request, setup::AwsAccess};

/// The scheme in `Authorization` of a signed request.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

const SERVICE: &str = "aws-external-anthropic";

/// The most that a signature's time may be off. AWS's own.
const TOLERANCE: TimeDelta = TimeDelta::minutes(15);

/// `Credential=…/date/region/service/aws4_request, SignedHeaders=a;b, Signature=…`, in pieces.
struct SignatureHeader<'a> {
    key_id: &'a str,
    scope: &'a str,
    signed: Vec<&'a str>,
    signature: &'a str,
}

pub(crate) fn verify_signature(access: &AwsAccess, request: &Request) -> Result<(), Refusal> {
    let header = SignatureHeader::parse(request.header("authorization").unwrap_or_default())
        .ok_or_else(|| refuse_incomplete("the authorization header cannot be read"))?;
    let stamp = request.header("x-amz-date").unwrap_or_default();
    let time = NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ")
        .map_err(|_| refuse_incomplete("x-amz-date must be a time like 20261123T090000Z"))?
        .and_utc();
    if (machine_time() - time).abs() > TOLERANCE {
        return Err(refuse_signature(&format!(
            "signature expired: {stamp} is not within 15 minutes of now"
        )));
    }
    if header.key_id != access.access_key_id
        || request.header("x-amz-security-token") != access.session_token.as_deref()
    {
        return Err(refuse_as(
            "UnrecognizedClientException",
            "the security token included in the request is invalid",
        ));
    }
    let date = &stamp[..8];
    if header.scope != format!("{date}/{}/{SERVICE}/aws4_request", access.region) {
        return Err(refuse_signature(&format!(
            "credential should be scoped to {date}/{}/{SERVICE}/aws4_request",
            access.region
        )));
    }
    let must = ["host", "x-amz-date", "x-amz-security-token"];
    let needed = if access.session_token.is_some() {
        &must[..]
    } else {
        &must[..2]
    };
    if let Some(missing) = needed.iter().find(|name| !header.signed.contains(name)) {
        return Err(refuse_incomplete(&format!(
            "`{missing}` must be among the signed headers"
        )));
    }
    let signature = calculate_signature(access, request, &header, time.into())
        .map_err(|error| refuse_signature(&error.to_string()))?;
    if signature != header.signature {
        return Err(refuse_signature(
            "the request signature we calculated does not match the signature you provided",
        ));
    }
    Ok(())
}

/// The signature of what arrived, over the headers that the client says it signed.
fn calculate_signature(
    access: &AwsAccess,
    request: &Request,
    header: &SignatureHeader<'_>,
    time: SystemTime,
) -> Result<String, Box<dyn std::error::Error>> {
    let identity = Credentials::new(
        access.access_key_id.as_str(),
        access.secret_access_key.as_str(),
        access.session_token.clone(),
        None,
        "claude-platform-sim",
    )
    .into();
    let mut settings = SigningSettings::default();
    // The client chose, so nothing is left out on this side.
    settings.excluded_headers = None;
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&access.region)
        .name(SERVICE)
        .time(time)
        .settings(settings)
        .build()?;
    let host = request.header("host").unwrap_or_default();
    // The signer adds these itself.
    let own = ["host", "x-amz-date", "x-amz-security-token"];
    let headers = header.signed.iter().filter(|name| !own.contains(name));
    let headers = headers.map(|name| (*name, request.header(name).unwrap_or_default()));
    let uri = format!("http://{host}{}", request.uri);
    let signable = SignableRequest::new(
        request.method.as_str(),
        uri,
        headers,
        SignableBody::Bytes(&request.body),
    )?;
    Ok(sign(signable, &params.into())?.into_parts().1)
}

impl<'a> SignatureHeader<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let fields = text.strip_prefix(ALGORITHM)?;
        let (key_id, scope) = find_field(fields, "Credential")?.split_once('/')?;
        let signed = find_field(fields, "SignedHeaders")?.split(';').collect();
        Some(Self {
            key_id,
            scope,
            signed,
            signature: find_field(fields, "Signature")?,
        })
    }
}

fn find_field<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = fields.split(',');
    fields.find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
}

fn refuse_signature(message: &str) -> Refusal {
    refuse_as("InvalidSignatureException", message)
}

fn refuse_incomplete(message: &str) -> Refusal {
    refuse_as("IncompleteSignature", message)
}

/// As AWS does, 403 and not 401, with one of the names of its common errors (documented; assumed
/// for this service).
fn refuse_as(error: &'static str, message: &str) -> Refusal {
    Refusal {
        aws: Some(error),
        ..Refusal::new(403, message)
    }
}
