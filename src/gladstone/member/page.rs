//! Pages that a sign-in leads to, told by their addresses and by what is in them.

use super::verdict::{holds_any, plain};
use crate::gladstone::endpoints::path_of;

/// Page that a redirect leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    SignIn,
    Locked,
    SecondFactor,
    NewPassword,
    Other,
}

impl Page {
    /// Tells the page of a `Location` by its path, by what is behind its `#` and by the names in its
    /// query; `sign_in` is the path of the request that signs in.
    pub(super) fn of(target: &str, sign_in: &str) -> Self {
        let place = target.split_once("://").map_or(target, |(_, rest)| {
            rest.split_once('/').map_or("", |(_, path)| path)
        });
        let (path, fragment) = place.split_once('#').unwrap_or((place, ""));
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (route, behind) = fragment.split_once('?').unwrap_or((fragment, ""));
        let words = format!("{} {}", plain(path), plain(route));
        let names = format!("&{}&{}", query.to_lowercase(), behind.to_lowercase());
        let sign_in = plain(path_of(sign_in));
        if holds_any(&words, "lockout lockedout accountlocked") {
            return Self::Locked;
        }
        let codes = "2fa twofactor mfa otp sendcode verifycode secondfactor twostep";
        if holds_any(&words, codes) {
            return Self::SecondFactor;
        }
        if words.contains("password") && holds_any(&words, "change reset expired update new") {
            return Self::NewPassword;
        }
        if holds_any(&words, "callback oidc success complete continue") {
            return Self::Other;
        }
        let failures = "&error &login_error &loginerror &failed &loginfailed =failed =error
            =denied =invalid &autherror";
        if holds_any(&words, "login logon signin accessdenied unauthori")
            || ["error", &sign_in].contains(&plain(path).as_str())
            || holds_any(&names, failures)
        {
            Self::SignIn
        } else {
            Self::Other
        }
    }
}

/// Returns `true` for a form for a password: the one that was filled in, again.
pub(super) fn asks_for_password(page: &[u8]) -> bool {
    let page: String = String::from_utf8_lossy(page)
        .to_lowercase()
        .split(['"', '\'', ' ', '\n'])
        .collect();
    page.contains("type=password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_a_redirect_is_told_by_its_words() {
        for (target, page) in [
            ("/auth/login?error=1", Page::SignIn),
            ("https://club.example/Account/LogOn", Page::SignIn),
            ("/#/auth/login", Page::SignIn),
            ("/?error=invalid", Page::SignIn),
            ("/sign-in", Page::SignIn),
            ("/error", Page::SignIn),
            ("/Account/AccessDenied?ReturnUrl=%2F", Page::SignIn),
            ("/?status=failed", Page::SignIn),
            ("/api/session", Page::SignIn),
            ("/Account/Lockout", Page::Locked),
            ("/Account/LoginWith2fa?returnUrl=%2F", Page::SecondFactor),
            ("/account/change-password", Page::NewPassword),
            ("/signin-oidc?code=x", Page::Other),
            ("/login/callback", Page::Other),
            ("/account?returnUrl=/auth/login", Page::Other),
            ("/book", Page::Other),
            ("https://login.example/book", Page::Other),
            ("/", Page::Other),
        ] {
            assert_eq!(Page::of(target, "/api/session?x=1"), page, "{target}");
        }
    }

    #[test]
    fn a_form_for_a_password_is_recognised() {
        assert!(asks_for_password(
            b"<form><input name=p TYPE='Password'></form>"
        ));
        assert!(asks_for_password(b"<input type = \"password\">"));
        assert!(!asks_for_password(b"<p>Change your password</p>"));
    }

    #[test]
    fn a_new_password_is_asked_for_where_both_words_stand() {
        for (target, page) in [
            ("/password/expired", Page::NewPassword),
            ("/change-plan", Page::Other),
            ("/passwords", Page::Other),
            ("/newsletter", Page::Other),
        ] {
            assert_eq!(Page::of(target, "/login"), page, "{target}");
        }
    }
}
