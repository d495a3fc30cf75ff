//! Which of several requests signs in, and why none of them can be taught.

use secrecy::ExposeSecret as _;

use super::{
    LearnError,
    allow_list::AllowList,
    data_requests_after, disguise,
    exchange::Exchange,
    signin::SignIn,
    token::{self, Token},
    words::{has_word, split_words},
};
use crate::{
    config::Credentials,
    gladstone::verdict::{Verdict, says_no},
};

/// The most sign-ins that are compared.
const COMPARED: usize = 20;
/// The most values that are looked for in earlier answers.
const SOUGHT: usize = 40;

/// The request that signs in: the first that brings the token that later requests carry, and did
/// not carry it itself.
pub(super) fn choose_sign_in(
    exchanges: &[Exchange],
    host: &str,
    mut all: Vec<SignIn>,
    credentials: &Credentials,
    allow_list: &AllowList,
) -> Result<SignIn, LearnError> {
    let Some(first) = all.first().map(|it| &exchanges[it.index]) else {
        return Err(explain_no_sign_in(exchanges, credentials, allow_list));
    };
    all.retain(|it| !changes_account(&exchanges[it.index], allow_list) && !it.has_two_passwords());
    if all.is_empty() {
        let why = "it changes the account or its password, and no other request carries them";
        return Err(LearnError::not_teachable(
            &shown_request(first, allow_list),
            why,
        ));
    }
    if all.iter().all(|it| is_refused(&exchanges[it.index])) {
        let mut refused = all.iter().map(|it| &exchanges[it.index]);
        let asking = refused.find(|it| Verdict::of(it.answer_body(), false).second_factor);
        return Err(asking.map_or(LearnError::Refused, |asking| {
            let why = "the portal asks for a second factor, which padel cannot give";
            LearnError::not_teachable(&shown_request(asking, allow_list), why)
        }));
    }
    all.retain(|it| !is_refused(&exchanges[it.index]));
    let most = all
        .iter()
        .map(SignIn::recognised_credentials)
        .max()
        .unwrap_or(0);
    all.retain(|it| it.recognised_credentials() == most);
    all.truncate(COMPARED);
    let tokens: Vec<Option<Token>> = all
        .iter()
        .map(|it| find_own_token(exchanges, it.index, host))
        .collect();
    let index = tokens.iter().position(Option::is_some).unwrap_or(0);
    let sign_in = all.swap_remove(index);
    match find_obstacle(
        exchanges,
        host,
        &sign_in,
        tokens[index].as_ref(),
        credentials,
        allow_list,
    ) {
        Some(why) => {
            let place = shown_request(&exchanges[sign_in.index], allow_list);
            Err(LearnError::not_teachable(&place, &why))
        }
        None => Ok(sign_in),
    }
}

/// The token that a request brings, that later ones carry, and that it does not carry itself.
fn find_own_token(exchanges: &[Exchange], index: usize, host: &str) -> Option<Token> {
    let later = data_requests_after(exchanges, index);
    let token = token::find_token(exchanges, index, &later, host)?;
    (token.seen && !token.is_in(&exchanges[index])).then_some(token)
}

/// Method and path of a request, as they may be told.
pub(super) fn shown_request(exchange: &Exchange, allow_list: &AllowList) -> String {
    let method = match exchange.method.as_str() {
        method @ ("GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD") => method,
        _ => "the request",
    };
    format!("{method} {}", allow_list.shown_path(exchange.path()))
}

/// Recognises requests that register a person or change an account, by path and GraphQL mutation.
fn changes_account(exchange: &Exchange, allow_list: &AllowList) -> bool {
    let path = exchange.path().to_lowercase();
    let words = split_words(&path);
    let asked = exchange
        .body
        .as_deref()
        .filter(|body| body.contains("mutation"))
        .unwrap_or_default();
    let asked = asked
        .split(['{', '('])
        .next()
        .filter(|asked| allow_list.allows_name(asked))
        .unwrap_or_default();
    let certain = "change reset forgot forget register registration recover activate signup";
    let likely = "profile update create edit join delete remove new enrol preferences";
    // Of single sign-on, too, whose paths hold `profile` in SAML.
    let signs_in = "login signin logon sign token auth authenticate authentication session saml \
        sso oidc";
    has_word(&words, certain)
        || has_word(&split_words(asked), certain)
        || path.contains("sign-up")
        || path.contains("sign_up")
        || (has_word(&words, likely) && !has_word(&words, signs_in))
}

/// Recognises a sign-in that the portal refused.
fn is_refused(exchange: &Exchange) -> bool {
    let back = exchange.location.as_deref().is_some_and(|to| {
        let (path, query) = to.split_once('?').unwrap_or((to, ""));
        let words = split_words(query);
        has_word(&words, "error fail failed invalid")
            || (path == exchange.path() && exchange.set.is_empty())
            || has_word(&split_words(path), "error failed")
    });
    !(200..400).contains(&exchange.status) || says_no(exchange.answer_body()) || back
}

/// Finds the reason why no profile can express this sign-in, if there is one.
fn find_obstacle(
    exchanges: &[Exchange],
    host: &str,
    sign_in: &SignIn,
    token: Option<&Token>,
    credentials: &Credentials,
    allow_list: &AllowList,
) -> Option<String> {
    let before = &exchanges[..sign_in.index];
    if let Some(odd) = &sign_in.odd {
        return Some(format!("its password is {odd}"));
    }
    if sign_in.user != Some(true) {
        let asked = before
            .iter()
            .rev()
            .find(|exchange| tells_user(exchange, credentials));
        if let Some(first) = asked.filter(|first| first.method != "GET" || sign_in.user.is_none()) {
            let first = shown_request(first, allow_list);
            return Some(format!(
                "it is the second of two steps; the e-mail goes with {first}, and padel sends one"
            ));
        }
    }
    if sign_in.user.is_none() {
        return Some("it carries the password and no e-mail or number of a member".to_owned());
    }
    if let Some(why) = find_challenge(
        before,
        &exchanges[sign_in.index],
        sign_in,
        credentials,
        allow_list,
    ) {
        return Some(why);
    }
    if token.is_some() {
        return None;
    }
    let (first, later) = exchanges[sign_in.index..].split_first()?;
    if later.iter().any(|it| repeats_password(it, first, sign_in)) {
        return Some(
            "every request carries the password, and padel sends it with one only".to_owned(),
        );
    }
    let posts = exchanges
        .iter()
        .enumerate()
        .skip(sign_in.index + 1)
        .filter(|(_, exchange)| exchange.method == "POST");
    let (_, second) = posts
        .take(COMPARED)
        .find(|(index, _)| find_own_token(exchanges, *index, host).is_some())?;
    Some(format!(
        "the session comes with a second step only, {}",
        shown_request(second, allow_list)
    ))
}

/// Tells whether a request has the header that signs in with Basic authentication once more.
fn repeats_password(exchange: &Exchange, first: &Exchange, sign_in: &SignIn) -> bool {
    let placeholder = sign_in.headers.get("authorization");
    placeholder.is_some_and(|placeholder| placeholder.contains("{basic}"))
        && exchange.headers.iter().any(|header| {
            let (name, _) = header;
            name == "authorization" && first.headers.contains(header)
        })
}

/// Tells whether a request carries the e-mail.
fn tells_user(exchange: &Exchange, credentials: &Credentials) -> bool {
    let user = credentials.user.expose_secret().trim().to_lowercase();
    let encoded: String = form_urlencoded::byte_serialize(user.as_bytes()).collect();
    let encoded = encoded.to_lowercase();
    let mut texts = [Some(&exchange.target), exchange.body.as_ref()]
        .into_iter()
        .flatten()
        .map(|text| text.to_lowercase());
    !user.is_empty() && texts.any(|text| text.contains(&user) || text.contains(&encoded))
}

/// A value of the sign-in that an earlier answer brought, and that is another one each time.
fn find_challenge(
    before: &[Exchange],
    exchange: &Exchange,
    sign_in: &SignIn,
    credentials: &Credentials,
    allow_list: &AllowList,
) -> Option<String> {
    let body = exchange.body.as_deref().unwrap_or_default();
    let parts = super::body::parse_body(body, &exchange.content_type);
    let leaves = parts.into_iter().flat_map(|parts| parts.leaves);
    let (query, _) = super::body::parse_pairs(exchange.query());
    let secrets = [
        credentials.user.expose_secret().trim(),
        credentials.password.expose_secret(),
    ];
    let guessed = sign_in
        .guessed
        .as_ref()
        .map(secrecy::ExposeSecret::expose_secret);
    let unknown = leaves.chain(query).filter(|leaf| {
        let once = has_word(
            &split_words(&leaf.name),
            "nonce challenge flow state ticket execution lt",
        );
        leaf.value.len() >= if once { 3 } else { 8 }
            && !allow_list.allows_value(&leaf.name, &leaf.value)
            && !secrets.contains(&leaf.value.as_str())
            && guessed != Some(&leaf.value)
    });
    for leaf in unknown.take(SOUGHT) {
        let quoted = format!("\"{}\"", leaf.value);
        let mut earlier = before.iter();
        if let Some(from) =
            earlier.find(|it| memchr::memmem::find(&it.answer, quoted.as_bytes()).is_some())
        {
            let (name, from) = (
                allow_list.shown_name(&leaf.name),
                shown_request(from, allow_list),
            );
            return Some(format!(
                "`{name}` holds what the answer to {from} brought for this one time"
            ));
        }
    }
    None
}

/// Explains why no request signs in, as far as the capture shows.
fn explain_no_sign_in(
    exchanges: &[Exchange],
    credentials: &Credentials,
    allow_list: &AllowList,
) -> LearnError {
    let password = credentials.password.expose_secret();
    for exchange in exchanges {
        if exchange
            .messages
            .iter()
            .any(|message| disguise::holds_password(message, password))
        {
            let place = format!("WebSocket {}", allow_list.shown_path(exchange.path()));
            return LearnError::not_teachable(
                &place,
                "its password goes over a WebSocket, which padel does not speak",
            );
        }
    }
    for exchange in exchanges {
        let scheme = exchange
            .headers
            .iter()
            .find(|(name, _)| name == "authorization");
        let scheme = scheme
            .and_then(|(_, value)| value.split(' ').next())
            .unwrap_or_default()
            .to_lowercase();
        if ["digest", "ntlm", "negotiate"].contains(&scheme.as_str()) {
            let why = format!("it answers a challenge ({scheme}), which is another one each time");
            return LearnError::not_teachable(&shown_request(exchange, allow_list), &why);
        }
    }
    let lacking = exchanges.iter().find(|exchange| {
        let named = has_word(
            &split_words(exchange.path()),
            "login signin logon sign token auth authenticate",
        );
        named && exchange.lacks_body && exchange.method != "GET"
    });
    match lacking {
        Some(exchange) => LearnError::Bodiless(shown_request(exchange, allow_list)),
        None => LearnError::NoSignIn,
    }
}
