//! The sandboxes' way out: who may pass, what may be reached, and where secrets are swapped in.

use std::{collections::BTreeMap, fs};

use claude_platform_sim::{Access, Builder, Egress, Injection, Platform};
use reqwest::{
    Certificate, Proxy,
    blocking::{Client, ClientBuilder},
};

use serde_json::{Value, json};

use crate::{
    chat::{builder, start as start_session, with_skill},
    client::{act, http, post, text},
};

const HOST: &str = "club.example";
const URL: &str = "https://club.example/v1/login?p=placeholder_1";

/// An egress, and a simulator behind it that answers 401 to everything and keeps what came.
fn start(escapes: bool) -> (Egress, Platform) {
    let club = Platform::builder().start();
    let upstream = format!("{HOST}={}", club.url()).parse().unwrap();
    (Egress::start(vec![upstream], escapes).unwrap(), club)
}

fn access(hosts: &[&str], injections: Vec<Injection>) -> Access {
    let hosts = hosts.iter().map(ToString::to_string).collect();
    Access {
        hosts: Some(hosts),
        injections,
    }
}

/// A password for the club's bodies.
fn injection() -> Injection {
    Injection {
        variable: "PSLC_PASSWORD".to_owned(),
        placeholder: "placeholder_1".to_owned(),
        secret: "pass word\"1".to_owned(),
        hosts: Some(vec![HOST.to_owned()]),
        header: false,
        body: true,
    }
}

/// A client as a sandbox with these variables has it.
pub(crate) fn client(variables: &BTreeMap<String, String>) -> ClientBuilder {
    // The first of all installs what TLS needs.
    http();
    let pem = fs::read(&variables["SSL_CERT_FILE"]).unwrap();
    Client::builder()
        .tls_certs_only([Certificate::from_pem(&pem).unwrap()])
        .proxy(Proxy::all(&variables["HTTPS_PROXY"]).unwrap())
}

#[test]
fn https_is_inspected_and_bodies_get_the_secret() {
    for (escapes, body) in [
        (true, r#"{"p":"pass word\"1"}"#),
        (false, r#"{"p":"pass word"1"}"#),
    ] {
        let (egress, club) = start(escapes);
        let variables = egress.admit_session("sesn_1", access(&[HOST], vec![injection()]));
        assert_eq!(variables["PSLC_PASSWORD"], "placeholder_1");
        let client = client(&variables).build().unwrap();
        for _ in 0..2 {
            let request = client
                .post(URL)
                .header("content-type", "application/json")
                .header("x-key", "placeholder_1")
                .body(r#"{"p":"placeholder_1"}"#);
            assert_eq!(request.send().unwrap().status(), 401);
        }
        let calls = club.calls();
        assert_eq!(calls.len(), 2);
        let call = &calls[1];
        assert_eq!(String::from_utf8(call.body.clone()).unwrap(), body);
        assert_eq!(
            call.header("content-length"),
            Some(&*body.len().to_string())
        );
        assert_eq!(call.header("host"), Some(HOST));
        assert_eq!(call.header("x-key"), Some("placeholder_1"));
        assert_eq!(call.target, "/v1/login?p=placeholder_1", "never in a URL");
        assert_eq!(call.header("proxy-authorization"), None);
    }
}

#[test]
fn a_placeholder_goes_out_as_it_is_to_other_hosts() {
    let (egress, club) = start(false);
    let elsewhere = Injection {
        hosts: Some(vec!["login.example".to_owned()]),
        header: true,
        ..injection()
    };
    let variables = egress.admit_session("sesn_1", access(&[HOST], vec![elsewhere]));
    let request = client(&variables).build().unwrap().post(URL);
    request.body("placeholder_1").send().unwrap();
    assert_eq!(club.calls()[0].body, b"placeholder_1");
}

#[test]
fn headers_get_the_secret_if_the_credential_says_so() {
    let (egress, club) = start(false);
    let in_headers = Injection {
        header: true,
        body: false,
        ..injection()
    };
    let variables = egress.admit_session("sesn_1", access(&[HOST], vec![in_headers]));
    let request = client(&variables).build().unwrap().post(URL);
    let request = request.header("x-key", "Key placeholder_1");
    request.body("placeholder_1").send().unwrap();
    let call = &club.calls()[0];
    assert_eq!(call.header("x-key"), Some("Key pass word\"1"));
    assert_eq!(call.body, b"placeholder_1");
}

#[test]
fn a_host_that_is_not_allowed_is_denied_with_its_reason() {
    let (egress, club) = start(false);
    let variables = egress.admit_session("sesn_1", access(&["*.club.example"], Vec::new()));
    let client = client(&variables).build().unwrap();
    let plain = client.get("http://club.example/").send().unwrap();
    assert_eq!(
        (plain.status().as_u16(), &plain.headers()["x-deny-reason"]),
        (403, &"host_not_allowed".parse().unwrap())
    );
    let error = client.get("https://club.example/").send().unwrap_err();
    assert!(
        format!("{error:?}").contains("TunnelUnsuccessful"),
        "{error:?}"
    );
    assert!(club.calls().is_empty());
}

#[test]
fn access_can_change_while_a_tunnel_is_open() {
    let (egress, club) = start(false);
    let variables = egress.admit_session("sesn_1", access(&[HOST], vec![injection()]));
    let client = client(&variables).build().unwrap();
    client.post(URL).body("placeholder_1").send().unwrap();
    let rotated = Injection {
        secret: "second".to_owned(),
        ..injection()
    };
    assert_eq!(
        egress.admit_session("sesn_1", access(&[HOST], vec![rotated])),
        variables
    );
    client.post(URL).body("placeholder_1").send().unwrap();
    egress.admit_session("sesn_1", Access::default());
    assert_eq!(client.post(URL).send().unwrap().status(), 403);
    let bodies: Vec<_> = club.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies, [&b"pass word\"1"[..], b"second"]);
}

#[test]
fn plain_http_passes_as_well() {
    let (egress, club) = start(false);
    let variables = egress.admit_session("sesn_1", Access::unrestricted());
    let client = client(&variables).build().unwrap();
    let answer = client.get("http://club.example/v1/skills?limit=1").send();
    assert_eq!(answer.unwrap().status(), 401);
    let call = &club.calls()[0];
    assert_eq!(
        (call.target.as_str(), call.header("host")),
        ("/v1/skills?limit=1", Some(HOST))
    );
}

#[test]
fn only_a_session_with_its_password_passes() {
    let (egress, club) = start(false);
    let one = egress.admit_session("sesn_1", Access::unrestricted());
    let two = egress.admit_session("sesn_2", Access::unrestricted());
    assert_ne!(one["HTTPS_PROXY"], two["HTTPS_PROXY"]);
    let place = one["HTTPS_PROXY"].rsplit_once('@').unwrap().1;
    for user in ["", "sesn_1:wrong@", "sesn_3:wrong@"] {
        let mut variables = one.clone();
        variables.insert("HTTPS_PROXY".to_owned(), format!("http://{user}{place}"));
        let client = client(&variables).build().unwrap();
        let answer = client.get("http://club.example/").send().unwrap();
        assert_eq!(answer.status(), 407, "{user}");
        client.get("https://club.example/").send().unwrap_err();
    }
    assert!(club.calls().is_empty());
}

#[test]
fn a_host_that_nobody_plays_is_a_bad_gateway() {
    let (egress, _club) = start(false);
    let variables = egress.admit_session("sesn_1", Access::unrestricted());
    let client = client(&variables).build().unwrap();
    let answer = client.get("https://other.example/").send().unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().unwrap().contains("other.example"));
}

#[test]
fn the_certificate_is_of_the_egress_own_authority() {
    let (egress, club) = start(false);
    let variables = egress.admit_session("sesn_1", Access::unrestricted());
    http();
    let stranger = Client::builder()
        .proxy(Proxy::all(&variables["HTTPS_PROXY"]).unwrap())
        .tls_certs_only([])
        .build()
        .unwrap();
    stranger.get("https://club.example/").send().unwrap_err();
    assert!(club.calls().is_empty());
}

#[test]
fn an_answer_that_breaks_off_breaks_off_for_the_client() {
    let (egress, club) = start(false);
    let variables = egress.admit_session("sesn_1", Access::unrestricted());
    let client = client(&variables).build().unwrap();
    club.push_fault(claude_platform_sim::Fault::LostAfter, 1, 1);
    client.get("https://club.example/").send().unwrap_err();
    assert_eq!(club.calls().len(), 1);
}

/// A sign-in through the proxy, in bash alone; then the placeholder and the CA.
const SIGN_IN: &str = r#"```sh
user=${HTTP_PROXY#http://} user=${user%@*} port=${HTTP_PROXY##*:} body="p=$PSLC_PASSWORD"
exec 3<>/dev/tcp/127.0.0.1/$port
printf 'POST http://club.example/login HTTP/1.1\r\nHost: club.example\r\n' >&3
printf 'Proxy-Authorization: Basic %s\r\n' "$(printf %s "$user" | base64 -w0)" >&3
printf 'Content-Length: %s\r\nConnection: close\r\n\r\n%s' "${#body}" "$body" >&3
cat <&3
echo "<$PSLC_PASSWORD>"
cat "$SSL_CERT_FILE"
```"#;

/// A platform whose sandboxes may reach the club, a vault with the password for it, and the vault's
/// credential.
fn with_vault(builder: Builder, club: &Platform) -> (Platform, Value, String) {
    let upstream = format!("{HOST}={}", club.url()).parse().unwrap();
    let (platform, ..) = with_skill(builder.upstream(upstream), "hello");
    let networking = json!({"type": "limited", "allowed_hosts": [HOST]});
    let config = json!({"type": "cloud", "networking": networking});
    let body = json!({"name": "club only", "config": config});
    let environment = post(&platform, "/v1/environments", &body).ok();
    let vault = post(&platform, "/v1/vaults", &json!({"display_name": "padel"})).ok();
    let auth = json!({
        "type": "environment_variable", "secret_name": "PSLC_PASSWORD", "secret_value": "first",
        "networking": networking, "injection_location": {"body": true},
    });
    let credentials = format!("/v1/vaults/{}/credentials", text(&vault["id"]));
    let credential = post(&platform, &credentials, &json!({ "auth": auth })).ok();
    let more = json!({"environment_id": environment["id"], "vault_ids": [vault["id"]]});
    let credential = format!("{credentials}/{}", text(&credential["id"]));
    (platform, more, credential)
}

/// The placeholder in what [`SIGN_IN`] printed.
fn placeholder(printed: &[String]) -> String {
    let start = printed[0].find('<').unwrap();
    let (shown, _) = printed[0][start..].split_once('\n').unwrap();
    assert!(shown.len() > 10, "{printed:?}");
    shown.to_owned()
}

#[test]
fn a_sandbox_without_allowed_hosts_reaches_nothing() {
    let (_, club) = start(false);
    let upstream = format!("{HOST}={}", club.url()).parse().unwrap();
    let (platform, ..) = with_skill(builder().upstream(upstream), "hello");
    let out = start_session(&platform, &json!({})).run(SIGN_IN).concat();
    assert!(out.contains("HTTP/1.1 403 Forbidden"), "{out}");
    assert!(out.contains("x-deny-reason: host_not_allowed"), "{out}");
    assert!(out.contains("<>\n-----BEGIN CERTIFICATE-----\n"), "{out}");
    assert!(club.calls().is_empty());
    let (platform, ..) = with_skill(builder(), "hello");
    let out = start_session(&platform, &json!({})).run("```sh\necho \"<$HTTPS_PROXY>\"\n```");
    assert_eq!(out, ["<>\n"], "no proxy unless one is asked for");
}

#[test]
fn a_vaults_secret_leaves_a_sandbox_that_never_sees_it() {
    let (_, club) = start(false);
    let (platform, more, credential) = with_vault(builder(), &club);
    let chat = start_session(&platform, &more);
    let out = chat.run(SIGN_IN);
    assert!(out[0].contains("HTTP/1.1 401"), "{out:?}");
    assert!(!out[0].contains("first"), "{out:?}");
    assert_eq!(club.calls()[0].body, b"p=first");
    let auth = json!({"type": "environment_variable", "secret_value": "the second one"});
    post(&platform, &credential, &json!({ "auth": auth })).ok();
    let again = chat.run(SIGN_IN);
    assert_eq!(club.calls()[1].body, b"p=the second one", "rotated");
    assert_eq!(placeholder(&again[1..]), placeholder(&out));
    let other = start_session(&platform, &more).run(SIGN_IN);
    assert_ne!(placeholder(&other), placeholder(&out));
    act(&platform, &format!("{credential}/archive")).ok();
    chat.run(SIGN_IN);
    assert_eq!(club.calls()[3].body, b"p=");
}

#[test]
fn a_placeholder_may_be_the_same_in_all_sessions() {
    let (_, club) = start(false);
    let (platform, more, _) = with_vault(builder().stable_placeholders(), &club);
    let seen = [(), ()].map(|()| placeholder(&start_session(&platform, &more).run(SIGN_IN)));
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn an_environment_that_changes_is_seen_by_later_sandboxes_only() {
    let (_, club) = start(false);
    let (platform, more, _) = with_vault(builder(), &club);
    let early = start_session(&platform, &more);
    let target = format!("/v1/environments/{}", text(&more["environment_id"]));
    let networking = json!({"type": "limited", "allowed_hosts": []});
    let config = json!({"type": "cloud", "networking": networking});
    post(&platform, &target, &json!({ "config": config })).ok();
    assert!(early.run(SIGN_IN)[0].contains("HTTP/1.1 401"));
    let late = start_session(&platform, &more).run(SIGN_IN);
    assert!(late[0].contains("HTTP/1.1 403"), "{late:?}");
}

#[test]
fn mcp_servers_are_reached_if_the_environment_allows_them() {
    for (allowed, status) in [(true, "HTTP/1.1 401"), (false, "HTTP/1.1 403")] {
        let (_, club) = start(false);
        let upstream = format!("{HOST}={}", club.url()).parse().unwrap();
        let (platform, ..) = with_skill(builder().upstream(upstream), "hello");
        let server = json!({"type": "url", "name": "club", "url": format!("https://{HOST}/mcp")});
        let toolset = json!({"type": "mcp_toolset", "mcp_server_name": "club"});
        let agent = platform.agent("agent_01");
        let tools = agent["tools"].as_array().unwrap().iter().chain([&toolset]);
        let tools: Vec<_> = tools.collect();
        let patch = json!({"version": 1, "mcp_servers": [server], "tools": tools});
        post(&platform, "/v1/agents/agent_01", &patch).ok();
        let networking = json!({"type": "limited", "allow_mcp_servers": allowed});
        let config = json!({"type": "cloud", "networking": networking});
        let body = json!({"name": "mcp", "config": config});
        let environment = post(&platform, "/v1/environments", &body).ok();
        let more = json!({"environment_id": environment["id"]});
        let out = start_session(&platform, &more).run(SIGN_IN);
        assert!(out[0].contains(status), "{out:?}");
    }
}
