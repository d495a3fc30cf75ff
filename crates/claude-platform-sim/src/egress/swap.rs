//! Placeholders in a request become secrets.

use axum::{
    body::Bytes,
    http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_ENCODING, CONTENT_TYPE},
    },
};

use super::Injection;

/// Swaps placeholders in the values of headers. A secret that no header can carry stays away.
pub(super) fn swap_headers(headers: &mut HeaderMap, injections: &[Injection]) {
    for injection in injections.iter().filter(|injection| injection.header) {
        for value in headers.values_mut() {
            let swapped = value
                .to_str()
                .ok()
                .filter(|text| text.contains(&injection.placeholder))
                .map(|text| text.replace(&injection.placeholder, &injection.secret));
            if let Some(swapped) = swapped.and_then(|text| HeaderValue::try_from(text).ok()) {
                *value = swapped;
            }
        }
    }
}

/// Swaps placeholders in a body; a compressed one and one that is no text stay as they are.
pub(super) fn swap_body(
    headers: &HeaderMap,
    body: Bytes,
    injections: &[Injection],
    escapes: bool,
) -> Bytes {
    let Ok(text) = std::str::from_utf8(&body) else {
        return body;
    };
    if headers.contains_key(CONTENT_ENCODING) {
        return body;
    }
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.filter(|_| escapes).unwrap_or_default();
    let swapped = injections.iter().filter(|injection| injection.body).fold(
        text.to_owned(),
        |text, injection| {
            text.replace(&injection.placeholder, &escape_for(kind, &injection.secret))
        },
    );
    Bytes::from(swapped)
}

/// A secret as it is written into a body of this type.
fn escape_for(content_type: &str, secret: &str) -> String {
    if content_type.starts_with("application/json") {
        let quoted = serde_json::Value::from(secret).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        form_urlencoded::byte_serialize(secret.as_bytes()).collect()
    } else {
        secret.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn injection(header: bool, body: bool) -> [Injection; 1] {
        [Injection {
            variable: "PSLC_PASSWORD".to_owned(),
            placeholder: "placeholder_1".to_owned(),
            secret: "a\"b&c d".to_owned(),
            hosts: None,
            header,
            body,
        }]
    }

    fn headers(content_type: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))])
    }

    #[test]
    fn a_body_gets_the_secret_raw_or_escaped() {
        let (json, form) = (
            headers("application/json; charset=utf-8"),
            headers("application/x-www-form-urlencoded"),
        );
        for (headers, body, escapes, expected) in [
            (
                &json,
                r#"{"p":"placeholder_1"}"#,
                true,
                r#"{"p":"a\"b&c d"}"#,
            ),
            (
                &json,
                r#"{"p":"placeholder_1"}"#,
                false,
                r#"{"p":"a"b&c d"}"#,
            ),
            (&form, "u=x&p=placeholder_1", true, "u=x&p=a%22b%26c+d"),
            (&form, "u=x&p=placeholder_1", false, "u=x&p=a\"b&c d"),
            (&headers("text/plain"), "placeholder_1", true, "a\"b&c d"),
            (&json, "{}", true, "{}"),
        ] {
            let swapped = swap_body(headers, body.into(), &injection(false, true), escapes);
            assert_eq!(swapped, expected);
        }
        let as_it_is = |headers: &HeaderMap, injections: &[Injection]| {
            swap_body(headers, "placeholder_1".into(), injections, true)
        };
        assert_eq!(as_it_is(&json, &injection(true, false)), "placeholder_1");
        let mut compressed = json;
        compressed.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        assert_eq!(
            as_it_is(&compressed, &injection(true, true)),
            "placeholder_1"
        );
    }

    #[test]
    fn a_header_gets_the_secret_where_it_may() {
        let mut sent = headers("text/plain");
        sent.insert("x-key", HeaderValue::from_static("Bearer placeholder_1"));
        let mut kept = sent.clone();
        swap_headers(&mut sent, &injection(true, false));
        assert_eq!(sent["x-key"], "Bearer a\"b&c d");
        swap_headers(&mut kept, &injection(false, true));
        assert_eq!(kept["x-key"], "Bearer placeholder_1");
    }
}
