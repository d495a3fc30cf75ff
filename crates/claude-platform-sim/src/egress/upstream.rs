//! The simulator that stands for a host.

use std::str::FromStr;

/// A host of the sandboxes' world, and the simulator on this machine that stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// In lower case.
    pub(super) host: String,
    /// Host and port.
    pub(super) address: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not HOST=URL, such as riverside.gladstonego.cloud=http://127.0.0.1:40001")]
pub struct UnreadableUpstream(String);

impl FromStr for Upstream {
    type Err = UnreadableUpstream;

    fn from_str(text: &str) -> Result<Self, UnreadableUpstream> {
        let unreadable = || UnreadableUpstream(text.to_owned());
        let (host, url) = text.split_once('=').ok_or_else(unreadable)?;
        let address = url.strip_prefix("http://").ok_or_else(unreadable)?;
        let address = address.strip_suffix('/').unwrap_or(address);
        let (_, port) = address.rsplit_once(':').ok_or_else(unreadable)?;
        let is_host = |text: &str| !text.is_empty() && !text.contains(['/', ':', '@', '*']);
        if !is_host(host) || address.contains(['/', '@']) || port.parse::<u16>().is_err() {
            return Err(unreadable());
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            address: address.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Upstream;

    #[test]
    fn an_upstream_is_a_host_and_a_plain_address() {
        let read: Upstream = "Club.example=http://127.0.0.1:40001/".parse().unwrap();
        assert_eq!(
            (read.host.as_str(), read.address.as_str()),
            ("club.example", "127.0.0.1:40001")
        );
        for wrong in [
            "club.example",
            "=http://127.0.0.1:1",
            "club.example=https://127.0.0.1:1",
            "club.example=http://127.0.0.1",
            "club.example=http://127.0.0.1:x",
            "club.example=http://127.0.0.1:1/path",
            "*.example=http://127.0.0.1:1",
        ] {
            assert!(wrong.parse::<Upstream>().is_err(), "{wrong}");
        }
    }
}
