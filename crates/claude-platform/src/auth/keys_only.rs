//! In place of AWS's default chain where the feature `default-chain` is off: the environment's own
//! keys, which never get here, and nothing else. A Lambda function has these.

use aws_credential_types::Credentials;

use self::files::ConfigFiles;
use crate::{Error, Kind, connections::Connections};

/// No other place.
#[derive(Clone)]
pub(crate) struct Sources;

impl Sources {
    pub(crate) fn read(_: impl Fn(&str) -> Option<String>, _: ConfigFiles) -> Self {
        Self
    }
}

/// Finds none.
#[expect(clippy::unused_async, reason = "the chain waits here")]
pub(crate) async fn find_credentials(
    _: &Sources,
    _: &str,
    _: Connections,
) -> Result<Credentials, Error> {
    Err(no_keys())
}

fn no_keys() -> Error {
    let message = "no AWS credentials: AWS_ACCESS_KEY_ID is not set, and this program looks \
        nowhere else";
    Error::new(Kind::Credentials, message)
        .with_hint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ANTHROPIC_AWS_API_KEY")
}

/// AWS's configuration files, which are not read.
pub(crate) mod files {
    use super::{Error, no_keys};

    #[derive(Clone)]
    pub(crate) struct ConfigFiles;

    impl ConfigFiles {
        pub(crate) fn new(_: impl Fn(&str) -> Option<String>) -> Self {
            Self
        }

        pub(crate) fn describe_profile(&self) -> String {
            "configuration files, which this program does not read".to_owned()
        }

        #[expect(clippy::unused_async, reason = "files are read here")]
        pub(crate) async fn find_region(&self) -> Result<Option<String>, Error> {
            Ok(None)
        }

        /// There is no other place, so that keys are missing already now.
        #[expect(clippy::unused_async, reason = "files are read here")]
        pub(crate) async fn check(&self) -> Result<(), Error> {
            Err(no_keys())
        }
    }
}
