//! Whom to trust: the system's roots, `SSL_CERT_FILE`, `SSL_CERT_DIR` and Mozilla's bundled roots,
//! all together.
//!
//! A sandbox's inspecting proxy has its authority in the system's file only; an empty machine has
//! the bundled ones only.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{ClientConfig, RootCertStore};

use super::certificates::{find_certificates, guess_contents, read_file};
use crate::{config::Environment, text};

/// Where systems keep all their roots in one file; the first that exists counts.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// One place of roots and what was found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// A file or directory, or the bundled ones.
    pub name: String,
    /// The variable that names it, if one does.
    pub variable: Option<&'static str>,
    /// How many roots were usable, or why there are none, as in "cannot be read (…)".
    pub roots: Result<usize, String>,
}

impl Source {
    /// What is wrong with a place that somebody named, in a sentence.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let (variable, reason) = (self.variable?, self.roots.as_ref().err()?);
        Some(format!(
            "{variable} adds no trusted certificate: {} {reason}",
            text::line(&self.name, 200)
        ))
    }
}

/// All roots, and where they came from. Unreadable places and odd certificates are skipped, never
/// fatal.
#[must_use]
pub fn roots(env: &Environment) -> (RootCertStore, Vec<Source>) {
    let mut store = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let bundled = "the bundled Mozilla roots".to_owned();
    let mut sources = vec![Source {
        name: bundled,
        variable: None,
        roots: Ok(store.len()),
    }];
    let bundle = BUNDLES.iter().map(PathBuf::from).find(|path| path.exists());
    // The directory beside the system's file holds the same roots once more, one file each.
    let seen = |dir: &PathBuf| {
        bundle
            .as_ref()
            .is_some_and(|bundle| bundle.parent() == Some(dir))
    };
    let dirs: Vec<PathBuf> = env
        .get("SSL_CERT_DIR")
        .iter()
        .flat_map(std::env::split_paths)
        .collect();
    let dirs = dirs
        .into_iter()
        .filter(|dir| !seen(dir) && !dir.as_os_str().is_empty());
    let named = env
        .path("SSL_CERT_FILE")
        .filter(|file| Some(file) != bundle.as_ref());
    let named = named.map(|file| (file, Some("SSL_CERT_FILE")));
    for (file, variable) in named
        .into_iter()
        .chain(bundle.clone().map(|file| (file, None)))
    {
        let roots = add_file(&mut store, &file);
        sources.push(Source {
            name: file.display().to_string(),
            variable,
            roots,
        });
    }
    for dir in dirs {
        let roots = add_dir(&mut store, &dir);
        sources.push(Source {
            name: dir.display().to_string(),
            variable: Some("SSL_CERT_DIR"),
            roots,
        });
    }
    (store, sources)
}

/// The TLS configuration for connections that trust `roots` and nothing else, with no certificate
/// of our own.
///
/// # Errors
///
/// None of the protocol versions is supported by the provider, which would be a bug.
pub(super) fn tls(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn add_file(store: &mut RootCertStore, path: &Path) -> Result<usize, String> {
    let bytes = read_file(path)?;
    let certificates = find_certificates(&bytes);
    let count = certificates.len();
    match (store.add_parsable_certificates(certificates).0, count) {
        (0, 0) => Err(format!("holds no certificate: {}", guess_contents(&bytes))),
        (0, _) => Err(format!(
            "holds no certificate that can be used: {}",
            guess_contents(&bytes)
        )),
        (usable, _) => Ok(usable),
    }
}

fn add_dir(store: &mut RootCertStore, path: &Path) -> Result<usize, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read ({error})");
    let mut added = 0;
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        added += add_file(store, &entry.map_err(unreadable)?.path()).unwrap_or(0);
    }
    if added == 0 {
        Err("holds no certificate that can be used".to_owned())
    } else {
        Ok(added)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_roots_are_counted() {
        let (store, sources) = roots(&Environment::default());
        assert_eq!(sources[0].roots, Ok(webpki_roots::TLS_SERVER_ROOTS.len()));
        assert!(
            webpki_roots::TLS_SERVER_ROOTS.len() > 100
                && store.len() >= webpki_roots::TLS_SERVER_ROOTS.len()
        );
    }
}
