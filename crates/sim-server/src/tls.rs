//! A throw-away certificate authority, and certificates from it.

use std::{io::Write, path::Path, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    date_time_ymd,
};
use tempfile::NamedTempFile;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

use crate::StartError;

/// The certificate of a simulator over https, right or wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificate {
    /// For `127.0.0.1` and `localhost`.
    #[default]
    Valid,
    /// The same, but it ran out in 2021.
    Expired,
    /// For another host.
    WrongName,
}

/// A throw-away CA, and its certificate in a file.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: String,
    /// Goes with the simulator.
    file: NamedTempFile,
}

impl Authority {
    /// Fails when no key can be made, or there is no room for the file.
    pub fn new() -> Result<Self, StartError> {
        let issuer = new_issuer()?;
        let pem = issuer.pem();
        let mut file = tempfile::Builder::new()
            .prefix("simulated-ca-")
            .suffix(".pem")
            .tempfile()?;
        file.write_all(pem.as_bytes())?;
        Ok(Self { issuer, pem, file })
    }

    /// The server's side of TLS for one host, with a certificate from this authority.
    pub fn issue_for(&self, host: &str) -> Result<TlsAcceptor, StartError> {
        self.issue(&CertificateParams::new([host.to_owned()])?)
    }

    /// The server's side of TLS with a certificate from this authority.
    pub(crate) fn issue(&self, leaf: &CertificateParams) -> Result<TlsAcceptor, StartError> {
        let key = KeyPair::generate()?;
        let leaf = leaf.signed_by(&key, &self.issuer)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    pub fn pem(&self) -> &str {
        &self.pem
    }

    pub fn file(&self) -> &Path {
        self.file.path()
    }
}

fn new_issuer() -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // A name of its own: to trust another simulator's CA is then an unknown issuer, not a bad
    // signature.
    let own: String = key.public_key_raw()[1..9]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let name = format!("simulated throw-away CA {own}");
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, key)
}

/// A certificate of this machine, right or wrong.
pub(crate) fn leaf_params(certificate: Certificate) -> Result<CertificateParams, rcgen::Error> {
    let names: &[&str] = match certificate {
        Certificate::WrongName => &["elsewhere.invalid"],
        Certificate::Valid | Certificate::Expired => &["127.0.0.1", "localhost"],
    };
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names)?;
    if certificate == Certificate::Expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    Ok(params)
}
