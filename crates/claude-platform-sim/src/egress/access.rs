//! The hosts that a session may reach, and the secrets that its requests are given.

/// A session's access. The default is none at all.
#[derive(Debug, Clone)]
pub struct Access {
    /// `example.org`, or `*.example.org` for what is below it; `None` for every host.
    pub hosts: Option<Vec<String>>,
    pub injections: Vec<Injection>,
}

/// A secret that takes a placeholder's place in requests, as a vault's credential of the type
/// `environment_variable` has it.
#[derive(Debug, Clone)]
pub struct Injection {
    /// The variable of the sandbox that holds the placeholder.
    pub variable: String,
    pub placeholder: String,
    pub secret: String,
    /// As [`Access::hosts`].
    pub hosts: Option<Vec<String>>,
    /// In values of headers.
    pub header: bool,
    /// In bodies.
    pub body: bool,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            hosts: Some(Vec::new()),
            injections: Vec::new(),
        }
    }
}

impl Access {
    /// Everywhere, without a secret.
    pub fn unrestricted() -> Self {
        Self {
            hosts: None,
            injections: Vec::new(),
        }
    }

    pub(super) fn reaches_host(&self, host: &str) -> bool {
        covers_host(self.hosts.as_deref(), host)
    }

    /// The secrets for a host. Never in a URL: documented.
    pub(super) fn injections_for(&self, host: &str) -> Vec<Injection> {
        let meant = self
            .injections
            .iter()
            .filter(|injection| covers_host(injection.hosts.as_deref(), host));
        meant.cloned().collect()
    }

    pub(super) fn list_placeholders(&self) -> Vec<(String, String)> {
        let injections = self.injections.iter();
        injections
            .map(|injection| (injection.variable.clone(), injection.placeholder.clone()))
            .collect()
    }
}

fn covers_host(patterns: Option<&[String]>, host: &str) -> bool {
    let Some(patterns) = patterns else {
        return true;
    };
    let host = host.to_ascii_lowercase();
    patterns.iter().any(|pattern| {
        let pattern = pattern.to_ascii_lowercase();
        match pattern.strip_prefix('*') {
            // `*.example.org` is not `example.org`: documented.
            Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            None => host == pattern,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::covers_host;

    #[test]
    fn a_pattern_covers_its_host_or_what_is_below() {
        for (patterns, host, expected) in [
            (Some(&["club.example"][..]), "club.example", true),
            (Some(&["club.example"]), "CLUB.example", true),
            (Some(&["club.example"]), "www.club.example", false),
            (Some(&["club.example"]), "aclub.example", false),
            (Some(&["*.club.example"]), "www.club.example", true),
            (Some(&["*.club.example"]), "a.b.club.example", true),
            (Some(&["*.club.example"]), "club.example", false),
            (Some(&["*.club.example"]), "notclub.example", false),
            (Some(&["a.example", "b.example"]), "b.example", true),
            (Some(&[]), "club.example", false),
            (None, "club.example", true),
        ] {
            let patterns = patterns
                .map(|patterns| patterns.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(
                covers_host(patterns.as_deref(), host),
                expected,
                "{patterns:?} {host}"
            );
        }
    }
}
