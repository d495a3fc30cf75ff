//! TLS by ring, with roots from `SSL_CERT_FILE`.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::json;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::{
    child,
    server::{KEY, Server, ok},
};

/// A new authority as PEM, and a server that it vouches for.
fn authority() -> (String, TlsAcceptor) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    (issuer.pem(), TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn a_root_in_ssl_cert_file_is_trusted() {
    let (pem, tls) = authority();
    let server = Server::start_with(vec![ok(&json!({"id": "skill_1"})); 2], Some(tls)).await;
    let path = std::env::temp_dir().join(format!("claude-platform-root-{}", std::process::id()));
    std::fs::write(&path, pem).unwrap();
    let file = ("SSL_CERT_FILE", path.to_str().unwrap());
    let output = child::run(&[
        ("ANTHROPIC_API_KEY", KEY),
        ("ANTHROPIC_BASE_URL", &server.url),
        file,
    ])
    .await;
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success(), "{}", child::printed(&output));
    assert_eq!(server.lines(), ["GET /v1/skills/skill_1"; 2]);
}

#[tokio::test]
async fn nobody_else_gets_the_key() {
    let (_, tls) = authority();
    let server = Server::start_with([], Some(tls)).await;
    let output = child::run(&[
        ("ANTHROPIC_API_KEY", KEY),
        ("ANTHROPIC_BASE_URL", &server.url),
    ])
    .await;
    let printed = child::printed(&output);
    assert!(
        printed.contains("kind: Connect") && printed.contains("does not trust"),
        "{printed}"
    );
    assert!(server.recorded().is_empty());
}
