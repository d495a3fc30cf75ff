//! Paths of the portal's requests that are the same at every club. Those of members differ, and
//! stand in `profile.toml`.

/// Sets the cookie [`VISITOR_COOKIE`]. Confirmed by several public clients.
pub(super) const COOKIE_SESSION: &str = "/api/samlauthentication/anonymous";
/// Cookie with a visitor's token.
pub(super) const VISITOR_COOKIE: &str = "Jwt";
/// Answers a visitor's token, sealed. Confirmed until summer 2025 only.
pub(super) const SEALED_SESSION: &str = "/validate/tenant/anonymous";
/// Lists slots. Confirmed by several public clients.
pub(super) const AVAILABILITY: &str = "/api/availability/V2/sessions";
/// Lists the club's sites. Seen with one public client: a club may lack it.
pub(super) const SITES: &str = "/api/configuration/sites";
/// Lists the activities of sites. Confirmed by several public clients.
pub(super) const ACTIVITIES: &str = "/api/search/activities/";

/// Returns a request's path without its query.
pub(super) fn path_of(request: &str) -> &str {
    request.split('?').next().unwrap_or(request)
}
