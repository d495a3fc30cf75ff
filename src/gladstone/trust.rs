//! Whom to trust: the system's roots, `SSL_CERT_FILE`, `SSL_CERT_DIR` and Mozilla's bundled roots, all together.
//!
//! A sandbox's inspecting proxy has its authority in the system's file only; an empty machine has the bundled ones only.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::config::Environment;

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
    /// How many roots were usable, or why none could be read.
    pub roots: Result<usize, String>,
}

/// All roots, and where they came from. Unreadable places and odd certificates are skipped, never fatal.
#[must_use]
pub fn roots(env: &Environment) -> (RootCertStore, Vec<Source>) {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let mut sources = vec![Source { name: "the bundled Mozilla roots".to_owned(), roots: Ok(store.len()) }];
    let bundle = BUNDLES.iter().map(PathBuf::from).find(|path| path.exists());
    // The directory beside the system's file holds the same roots once more, one file each.
    let seen = |dir: &PathBuf| bundle.as_ref().is_some_and(|bundle| bundle.parent() == Some(dir));
    let dirs: Vec<PathBuf> =
        env.get("SSL_CERT_DIR").iter().flat_map(std::env::split_paths).filter(|dir| !seen(dir)).collect();
    let named = env.path("SSL_CERT_FILE").filter(|file| Some(file) != bundle.as_ref());
    for file in named.into_iter().chain(bundle) {
        let roots = add_file(&mut store, &file).map_err(|error| error.to_string());
        sources.push(Source { name: file.display().to_string(), roots });
    }
    for dir in dirs {
        let roots = add_dir(&mut store, &dir).map_err(|error| error.to_string());
        sources.push(Source { name: dir.display().to_string(), roots });
    }
    (store, sources)
}

/// The TLS configuration for connections that trust `roots` and nothing else, with no certificate of our own.
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

fn add_file(store: &mut RootCertStore, path: &Path) -> std::io::Result<usize> {
    let pem = std::fs::read(path)?;
    let certificates = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
    Ok(store.add_parsable_certificates(certificates).0)
}

fn add_dir(store: &mut RootCertStore, path: &Path) -> std::io::Result<usize> {
    let mut added = 0;
    for entry in std::fs::read_dir(path)? {
        added += add_file(store, &entry?.path()).unwrap_or(0);
    }
    Ok(added)
}
