//! AWS's configuration files: where they are, whether they can be read, and which profile counts.
//!
//! AWS's own reader takes a file that it cannot read, or that is no text, for an empty one. Here it
//! is told.

use std::{io, path::PathBuf};

use aws_config::{
    meta::region::ProvideRegion as _,
    profile::{self, ProfileFileRegionProvider, ProfileSet},
};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use super::reasons;
use crate::{Error, Kind, local, text};

/// No configuration of a person's is larger.
const FILE_LIMIT: usize = 1024 * 1024;
/// Names of profiles that are told.
const NAMES: usize = 5;

/// The two files, and the profile that is looked for in them.
#[derive(Clone)]
pub(crate) struct ConfigFiles {
    config: ConfigFile,
    credentials: ConfigFile,
    /// `AWS_PROFILE`.
    profile: Option<String>,
}

#[derive(Clone)]
struct ConfigFile {
    kind: EnvConfigFileKind,
    variable: &'static str,
    path: PathBuf,
    /// By the variable, not by default.
    is_named: bool,
}

impl ConfigFiles {
    /// As the variables have them.
    pub(crate) fn new(env: impl Fn(&str) -> Option<String>) -> Self {
        let home = PathBuf::from(env("HOME").unwrap_or_else(|| "~".to_owned()));
        let file = |kind, variable, default| {
            let named = env(variable);
            let path = named.clone().map(|path| match path.strip_prefix("~/") {
                Some(below) => home.join(below),
                None => path.into(),
            });
            let path = path.unwrap_or_else(|| home.join(default));
            ConfigFile {
                kind,
                variable,
                path,
                is_named: named.is_some(),
            }
        };
        Self {
            config: file(EnvConfigFileKind::Config, "AWS_CONFIG_FILE", ".aws/config"),
            credentials: file(
                EnvConfigFileKind::Credentials,
                "AWS_SHARED_CREDENTIALS_FILE",
                ".aws/credentials",
            ),
            profile: env("AWS_PROFILE"),
        }
    }

    /// The profile that counts.
    pub(crate) fn profile_name(&self) -> &str {
        self.profile.as_deref().unwrap_or("default")
    }

    /// The profile and where it is looked for, for a sentence.
    pub(crate) fn describe_profile(&self) -> String {
        let name = text::line(self.profile_name(), 60);
        format!(
            "profile `{name}` in `{}` or `{}`",
            self.config.shown_path(80),
            self.credentials.shown_path(80)
        )
    }

    /// The files that are there, for AWS's crates.
    ///
    /// # Errors
    ///
    /// One that is there and cannot be read.
    pub(crate) async fn build(&self) -> Result<EnvConfigFiles, Error> {
        // Without any file AWS's builder panics.
        let mut files = EnvConfigFiles::builder().with_contents(EnvConfigFileKind::Config, "");
        for file in [&self.config, &self.credentials] {
            if file.is_readable().await? {
                files = files.with_file(file.kind, &file.path);
            }
        }
        Ok(files.build())
    }

    /// Returns the region of the profile that counts.
    ///
    /// # Errors
    ///
    /// As [`Self::load`].
    pub(crate) async fn find_region(&self) -> Result<Option<String>, Error> {
        let set = self.load().await?;
        let provider = ProfileFileRegionProvider::builder()
            .profile_files(self.build().await?)
            .profile_name(set.selected_profile().to_owned())
            .build();
        let region = provider.region().await;
        Ok(region.map(|region| region.as_ref().to_owned()))
    }

    /// Checks that both files can be read, and that there is the profile that counts.
    ///
    /// # Errors
    ///
    /// As [`Self::load`].
    pub(crate) async fn check(&self) -> Result<(), Error> {
        self.load().await.map(drop)
    }

    /// The profiles of both files.
    ///
    /// # Errors
    ///
    /// [`Kind::Config`]: a file that cannot be read or understood, and `AWS_PROFILE` when it names none.
    pub(crate) async fn load(&self) -> Result<ProfileSet, Error> {
        let (files, name) = (self.build().await?, self.profile_name().to_owned());
        let no_env = Env::from_slice(&[]);
        let set = profile::load(&Fs::real(), &no_env, &files, Some(name.clone().into()))
            .await
            .map_err(|error| {
                let reason = reasons::last_reason(&error, text::SHORT + 100);
                config_error(
                    &format!("AWS's configuration cannot be understood: {reason}"),
                    "correct that line, or name another file with AWS_CONFIG_FILE or \
                    AWS_SHARED_CREDENTIALS_FILE",
                )
            })?;
        if self.profile.is_some() && set.get_profile(&name).is_none() && name != "default" {
            let mut known: Vec<String> = set
                .profiles()
                .map(|name| format!("`{}`", text::line(name, 40)))
                .collect();
            known.sort();
            known.truncate(NAMES);
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            let message = format!(
                "AWS_PROFILE names no profile: there is no {}; known: {known}",
                self.describe_profile()
            );
            let hint = "correct AWS_PROFILE, or add the profile: `[profile NAME]` in the first \
                file, `[NAME]` in the second";
            return Err(config_error(&message, hint));
        }
        Ok(set)
    }
}

impl ConfigFile {
    fn shown_path(&self, limit: usize) -> String {
        text::line(&self.path.display().to_string(), limit)
    }

    /// Checks whether it is there; an error when it cannot be read.
    async fn is_readable(&self) -> Result<bool, Error> {
        let shown = self.shown_path(120);
        let by = if self.is_named {
            format!(" of {}", self.variable)
        } else {
            String::new()
        };
        let hint = format!(
            "correct the file, or name another one with {}",
            self.variable
        );
        match local::read(&self.path, FILE_LIMIT).await {
            Ok(data) if std::str::from_utf8(&data).is_err() => Err(config_error(
                &format!("AWS's file `{shown}`{by} is no UTF-8 text"),
                &hint,
            )),
            Ok(_) => Ok(true),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Ok(false)
            }
            Err(error) => Err(config_error(
                &format!("AWS's file `{shown}`{by} cannot be read: {error}"),
                &hint,
            )),
        }
    }
}

fn config_error(message: &str, hint: &str) -> Error {
    Error::new(Kind::Config, text::line(message, text::MESSAGE)).with_hint(hint)
}
