//! `secret`: nothing that signs anyone in. A line tells the place, never the text.

use crate::{elf, findings::Findings, source::Tree};

const ENDINGS: [&str; 7] = [".env", ".pem", ".key", ".har", ".p12", ".pfx", ".kdbx"];
const NAMES: [&str; 4] = ["id_rsa", "id_ed25519", ".netrc", "credentials.json"];

/// Checks all names, and the lines of all files.
pub(super) fn check_secrets(tree: &Tree, findings: &mut Findings) {
    for (path, file) in &tree.files {
        let name = path.rsplit('/').next().unwrap_or_default().to_lowercase();
        if ENDINGS.iter().any(|ending| name.ends_with(ending))
            || NAMES.contains(&name.as_str())
            || name.starts_with(".env")
        {
            let what = "remove it: such files hold keys, passwords or captured sessions";
            findings.violation(path, "secret", what);
        }
        // A file of another encoding holds secrets as well: without the zeros, UTF-16 reads like
        // ASCII.
        let text = String::from_utf8_lossy(&file.data).replace('\0', "");
        let is_program = elf::is_elf(&file.data);
        for (index, line) in text.lines().enumerate() {
            // What a program says of keys and passwords is no secret.
            if let Some(what) =
                find_token(line).or_else(|| if is_program { None } else { find_keyword(line) })
            {
                let line = index + 1;
                let what = format!(
                    "remove what looks like {what} from line {line}, and replace it if it is real; \
                     an example is written `…`"
                );
                findings.violation(path, "secret", what);
            }
        }
    }
}

/// A prefix, how many characters of which kind follow at least, and the name.
type Token = (&'static str, usize, fn(char) -> bool, &'static str);

/// Tokens that services issue.
const TOKENS: [Token; 6] = [
    ("sk-ant-", 8, is_token_char, "an API key"),
    ("AKIA", 16, is_key_id_char, "an AWS access key"),
    ("ASIA", 16, is_key_id_char, "an AWS access key"),
    ("ghp_", 20, is_token_char, "an access token"),
    ("github_pat_", 20, is_token_char, "an access token"),
    ("xoxb-", 20, is_token_char, "an access token"),
];

fn is_token_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '_')
}

fn is_key_id_char(char: char) -> bool {
    char.is_ascii_uppercase() || char.is_ascii_digit()
}

/// Returns what kind of token stands in a line.
fn find_token(line: &str) -> Option<&'static str> {
    for (prefix, least, is_part, what) in TOKENS {
        let mut ends = line.match_indices(prefix).map(|(at, _)| at + prefix.len());
        let long_enough = |end: usize| {
            let rest = line[end..].chars().take(least);
            rest.filter(|char| is_part(*char)).count() == least
        };
        if ends.any(long_enough) {
            return Some(what);
        }
    }
    is_jwt(line).then_some("a session token")
}

/// Finds secrets that the words beside them tell.
fn find_keyword(line: &str) -> Option<&'static str> {
    if line.contains("-----BEGIN ") && line.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    holds_password(line).then_some("a password")
}

/// Two parts beside a point that begin like base64 of `{"`, as header and claims do. No part is
/// looked at twice, however many of them a line has.
fn is_jwt(line: &str) -> bool {
    line.match_indices(".eyJ").any(|(point, _)| {
        let before = line[..point].rsplit(|char| !is_token_char(char));
        let before = before.into_iter().next().unwrap_or_default();
        let has_header = before.find("eyJ").is_some_and(|at| before.len() - at > 8);
        let claims = line[point + 1..].chars();
        has_header && claims.take_while(|char| is_token_char(*char)).count() > 8
    })
}

/// `pslc_password=` with a value that is no placeholder.
fn holds_password(line: &str) -> bool {
    let lower = line.to_lowercase();
    lower.match_indices("pslc_password").any(|(at, key)| {
        let rest = lower[at + key.len()..]
            .trim_start_matches(['"', '\''])
            .trim_start();
        let Some(value) = rest.strip_prefix('=').or_else(|| rest.strip_prefix(':')) else {
            return false;
        };
        // Only its beginning counts, for a line may hold very many. Inside `code`, the value ends
        // with it.
        let value = value
            .trim_start()
            .trim_start_matches(['"', '\''])
            .trim_start();
        let ends = value.is_empty() || value.starts_with(['`', '"', '\'']);
        let placeholder = ["…", "...", "<", "$", "{", "*", "your", "xxx"]
            .iter()
            .any(|start| value.starts_with(start));
        !ends && !placeholder
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(line: &str) -> Option<&'static str> {
        find_token(line).or_else(|| find_keyword(line))
    }

    #[test]
    fn placeholders_and_prose_are_no_secrets() {
        for line in [
            "pslc_password=",
            "pslc_password=…",
            "`pslc_user=…`, `pslc_password=<the password>`",
            "export pslc_password=\"$PASSWORD\"",
            "set pslc_user and pslc_password",
            "keys begin with sk-ant-",
            "AKIA is a prefix",
            "eyJ is how {\" begins",
        ] {
            assert_eq!(secret(line), None, "{line}");
        }
    }

    #[test]
    fn credentials_are_secrets() {
        for line in [
            "PSLC_PASSWORD = hunter2",
            "x pslc_password='$'hunter".replace("$'", "").as_str(),
            "{\"pslc_password\": \"hunter2\"}",
            "key sk-ant-api03-abcdefgh",
            "AKIAABCDEFGHIJKLMNOP",
            "Jwt=eyJhbGciOiJI.eyJzdWIiOiIx.c2ln",
            "-----BEGIN RSA PRIVATE KEY-----",
            "xoxb-123456789012-123456789012",
        ] {
            assert!(secret(line).is_some(), "{line}");
        }
    }
}
