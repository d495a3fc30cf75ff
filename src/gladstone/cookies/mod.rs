//! A session's cookies, kept and sent as a browser does (RFC 6265): by name, path and host, until
//! they end.
//!
//! Ours instead of the crate `cookie_store`: that one is 137 KB more of the binary (measured), and
//! goes by the machine's clock alone.
//! Two liberties: a cookie that names no path is sent everywhere, and plain http, which is for this
//! machine only, counts as secure, as in browsers.

mod cookie;
mod jar;
mod received;

pub(super) use self::{jar::Jar, received::Received};
