//! SigV4: every attempt is signed anew, over the whole body, with credentials of AWS's default
//! chain.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Mutex;

use super::aws::{self, Sources};
use crate::{Error, Kind, clock, transport::Transport};

const SERVICE: &str = "aws-external-anthropic";
/// Credentials are fetched again so long before their end.
const MARGIN: Duration = Duration::from_secs(300);

/// Whose signature, and for where.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) region: String,
    /// The other places of credentials.
    pub(crate) sources: Sources,
    /// The environment's own keys, which come first.
    pub(crate) keys: Option<Keys>,
}

/// `AWS_ACCESS_KEY_ID` and what belongs to it.
#[derive(Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: SecretString,
    pub(crate) session: Option<SecretString>,
}

/// Signs, and keeps the credentials while they live.
pub(crate) struct Signer {
    account: Account,
    credentials: Mutex<Option<Credentials>>,
}

impl Signer {
    pub(crate) fn new(account: Account) -> Self {
        let fixed = account.keys.as_ref().map(|keys| {
            let session = keys
                .session
                .as_ref()
                .map(|session| session.expose_secret().to_owned());
            Credentials::new(
                &keys.id,
                keys.secret.expose_secret(),
                session,
                None,
                "environment",
            )
        });
        Self {
            account,
            credentials: Mutex::new(fixed),
        }
    }

    /// Adds the signature, over every header that is there and the host.
    pub(crate) async fn sign(
        &self,
        request: &mut reqwest::Request,
        transport: &Transport,
    ) -> Result<(), Error> {
        let now = clock::now();
        let identity = self.load_credentials(now, transport).await?.into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.account.region)
            .name(SERVICE)
            .time(now)
            // No header with the payload's hash; the session token is signed, too.
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| unsigned())?
            .into();
        let headers = request
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = request
            .body()
            .map_or(Some(&[][..]), |body| body.as_bytes())
            .ok_or_else(unsigned)?;
        let signable = SignableRequest::new(
            request.method().as_str(),
            request.url().as_str(),
            headers,
            SignableBody::Bytes(body),
        );
        let (signed, _) = sign(signable.map_err(|_| unsigned())?, &params)
            .map_err(|_| unsigned())?
            .into_parts();
        for header in signed.into_parts().0 {
            let mut value = HeaderValue::try_from(header.value()).map_err(|_| unsigned())?;
            value.set_sensitive(header.sensitive() || header.name() == "authorization");
            request
                .headers_mut()
                .insert(HeaderName::from_static(header.name()), value);
        }
        Ok(())
    }

    async fn load_credentials(
        &self,
        now: SystemTime,
        transport: &Transport,
    ) -> Result<Credentials, Error> {
        let mut kept = self.credentials.lock().await;
        if let Some(credentials) = &*kept
            && credentials
                .expiry()
                .is_none_or(|expiry| expiry > now + MARGIN)
        {
            return Ok(credentials.clone());
        }
        let connections = transport.connections.clone();
        let credentials =
            aws::find_credentials(&self.account.sources, &self.account.region, connections).await?;
        Ok(kept.insert(credentials).clone())
    }
}

fn unsigned() -> Error {
    Error::new(Kind::Credentials, "the request cannot be signed")
}
