//! As whom requests are sent: a fixed token, one from workload identity federation, or a signature.

#[cfg(feature = "default-chain")]
pub(crate) mod aws;
#[cfg(not(feature = "default-chain"))]
#[path = "auth/keys_only.rs"]
pub(crate) mod aws;
pub(crate) mod federation;
pub(crate) mod identity;
pub(crate) mod signature;
mod token;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::SecretString;

use crate::{Error, Kind, transport::Transport};
use federation::Federation;
use signature::Signer;
use token::authorization;

/// A way to sign in, as the settings have it.
#[derive(Clone)]
pub(crate) enum Login {
    /// An API key or a token that somebody else renews, with the name of the variable.
    Bearer(&'static str, SecretString),
    Federation(federation::Rule),
    Signature(signature::Account),
}

/// Signing in as it goes on.
pub(crate) enum Auth {
    Bearer(HeaderValue),
    Federation(Federation),
    Signature(Signer),
}

impl Auth {
    pub(crate) fn new(login: &Login) -> Result<Self, Error> {
        Ok(match login {
            Login::Bearer(variable, token) => {
                Self::Bearer(authorization("Bearer", token).ok_or_else(|| {
                    let message = format!(
                        "`{variable}` holds a blank, a line break or another \
                    character that no key has"
                    );
                    Error::new(Kind::Credentials, message)
                        .with_hint(format!("write the value of {variable} as it was given"))
                })?)
            }
            Login::Federation(rule) => Self::Federation(Federation::new(rule.clone())),
            Login::Signature(account) => Self::Signature(Signer::new(account.clone())),
        })
    }

    /// Adds what shows who we are; the request must not change any more.
    pub(crate) async fn authorize(
        &self,
        request: &mut reqwest::Request,
        transport: &Transport,
    ) -> Result<(), Error> {
        match self {
            Self::Bearer(value) => {
                request.headers_mut().insert(AUTHORIZATION, value.clone());
                Ok(())
            }
            Self::Federation(federation) => federation.authorize(request, transport).await,
            Self::Signature(signer) => signer.sign(request, transport).await,
        }
    }

    /// After a 401: whether the request would now carry something else than `rejected`.
    pub(crate) async fn renew_after(&self, rejected: Option<&HeaderValue>) -> bool {
        match self {
            Self::Federation(federation) => federation.forget_token(rejected).await,
            Self::Bearer(_) | Self::Signature(_) => false,
        }
    }
}
