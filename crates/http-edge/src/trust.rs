//! Whom to trust: the system's roots (feature `system-roots`), `SSL_CERT_FILE`, `SSL_CERT_DIR` and
//! Mozilla's bundled roots, all together.
//!
//! A sandbox's inspecting proxy has its authority in the system's file only; an empty machine has
//! the bundled ones only.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, KeyProvider},
    pki_types::PrivateKeyDer,
    sign::SigningKey,
};

use crate::{
    Variables,
    certificates::{describe_unreadable, find_certificates, guess_contents, read_file},
    variable,
};

/// Files in which systems keep all their roots; the first that exists counts.
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
    /// The number of usable roots, or the reason for none, as in "cannot be read (…)".
    pub roots: Result<usize, String>,
}

impl Source {
    /// Says what is wrong with a place that somebody named, in a sentence.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let (variable, reason) = (self.variable?, self.roots.as_ref().err()?);
        Some(format!(
            "{variable} adds no trusted certificate: {} {reason}",
            printable::line(&self.name, 200)
        ))
    }
}

/// Loads all roots, and says where they came from. Unreadable places and odd certificates are
/// skipped, never fatal.
#[must_use]
pub fn load_roots(variables: &Variables<'_>) -> (RootCertStore, Vec<Source>) {
    let mut store = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let mut sources = vec![Source {
        name: "the bundled Mozilla roots".to_owned(),
        variable: None,
        roots: Ok(store.len()),
    }];
    #[cfg(all(feature = "native-roots", any(target_os = "macos", windows)))]
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let bundle = find_bundle();
    let named = variable(variables, "SSL_CERT_FILE")
        .map(PathBuf::from)
        .filter(|file| Some(file) != bundle.as_ref())
        .map(|file| (file, Some("SSL_CERT_FILE")));
    let files = named
        .into_iter()
        .chain(bundle.clone().map(|file| (file, None)));
    for (file, variable) in files {
        sources.push(Source {
            roots: add_file(&mut store, &file),
            name: file.display().to_string(),
            variable,
        });
    }
    let dirs = variable(variables, "SSL_CERT_DIR").unwrap_or_default();
    for dir in std::env::split_paths(&dirs) {
        // The directory beside the system's file holds the same roots once more, one file each.
        let is_seen = bundle
            .as_ref()
            .is_some_and(|bundle| bundle.parent() == Some(&dir));
        if is_seen || dir.as_os_str().is_empty() {
            continue;
        }
        sources.push(Source {
            roots: add_dir(&mut store, &dir),
            name: dir.display().to_string(),
            variable: Some("SSL_CERT_DIR"),
        });
    }
    (store, sources)
}

/// Returns the file in which this system keeps its roots, where it counts.
fn find_bundle() -> Option<PathBuf> {
    let mut bundles = BUNDLES.iter().map(PathBuf::from);
    if cfg!(feature = "system-roots") {
        bundles.find(|path| path.exists())
    } else {
        None
    }
}

/// Makes the TLS configuration of connections that trust `roots` and nothing else, with no
/// certificate of our own.
///
/// # Errors
///
/// None of the protocol versions is supported by the provider, which would be a bug.
pub fn tls_config(roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let provider = CryptoProvider {
        key_provider: &NoKeys,
        ..rustls::crypto::ring::default_provider()
    };
    Ok(ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Reads no private key. As nobody here shows a certificate, what signs with one need not be linked.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("keys are not read".to_owned()))
    }
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
    let mut added = 0;
    for entry in std::fs::read_dir(path).map_err(|error| describe_unreadable(&error))? {
        added += add_file(
            store,
            &entry.map_err(|error| describe_unreadable(&error))?.path(),
        )
        .unwrap_or(0);
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
        let (store, sources) = load_roots(&|_| None);
        assert_eq!(sources[0].roots, Ok(webpki_roots::TLS_SERVER_ROOTS.len()));
        assert!(
            webpki_roots::TLS_SERVER_ROOTS.len() > 100
                && store.len() >= webpki_roots::TLS_SERVER_ROOTS.len()
        );
    }
}
