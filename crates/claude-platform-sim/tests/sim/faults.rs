//! Each fault, and whether the request was done when it struck.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use claude_platform_sim::{DEFAULT_API_KEY, Fault, Platform};
use reqwest::blocking::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::client::{
    bare, get, json as json_request, post, request, send, skill, text, upload, zip_form,
};

/// Uploads a skill; nothing when no answer came.
fn try_upload(platform: &Platform) -> Option<u16> {
    let request = request(platform, "POST", "/v1/skills").multipart(zip_form(skill("courts", "x")));
    request.send().ok().map(|answer| answer.status().as_u16())
}

#[test]
fn an_error_status_is_answered_and_nothing_is_done() {
    let platform = Platform::builder().start();
    for status in [401, 403, 409, 429, 500, 503, 529] {
        platform.push_fault(Fault::Status(status), 1, 1);
        let got = upload(&platform, "/v1/skills", zip_form(skill("courts", "x")));
        assert!(got.refused(status).contains("simulated fault"));
        assert!(got.headers.contains_key("request-id") && !got.headers.contains_key("retry-after"));
    }
    assert!(platform.skills().is_empty());
    assert_eq!(try_upload(&platform), Some(200));
}

#[test]
fn a_429_or_503_can_say_how_long_to_wait() {
    let platform = Platform::builder().start();
    platform.push_fault(Fault::Seconds429(7), 1, 1);
    platform.push_fault(Fault::Millis429(250), 1, 1);
    assert_eq!(get(&platform, "/v1/skills").headers["retry-after"], "7");
    assert_eq!(
        get(&platform, "/v1/skills").headers["retry-after-ms"],
        "250"
    );
    platform.push_fault(Fault::Seconds503(30), 1, 1);
    platform.push_fault(Fault::Final503, 1, 1);
    let (busy, last) = (get(&platform, "/v1/skills"), get(&platform, "/v1/skills"));
    assert_eq!(
        (busy.status, &busy.headers["retry-after"]),
        (503, &"30".parse().unwrap())
    );
    assert_eq!(
        (last.status, &last.headers["x-should-retry"]),
        (503, &"false".parse().unwrap())
    );
    get(&platform, "/v1/skills").ok();
}

#[test]
fn an_answer_can_be_lost_before_and_after_the_version_was_made() {
    let platform = Platform::builder().start();
    for (fault, made) in [
        (Fault::LostBefore, 0),
        (Fault::Reset, 0),
        (Fault::LostAfter, 1),
        (Fault::ResetAfter, 2),
    ] {
        platform.push_fault(fault, "POST /v1/skills", 1);
        assert_eq!(try_upload(&platform), None, "{fault}");
        assert_eq!(platform.skills().len(), made, "{fault}");
        let last = platform.calls().pop().unwrap();
        assert_eq!((last.status, last.fault), (None, Some(fault.to_string())));
    }
}

#[test]
fn a_reset_comes_in_the_middle_of_the_upload() {
    let platform = Platform::builder().start();
    platform.push_fault(Fault::Reset, 1, 1);
    let mut stream = TcpStream::connect(platform.url().trim_start_matches("http://")).unwrap();
    write!(
        stream,
        "POST /v1/skills HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {DEFAULT_API_KEY}\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 100000\r\n\r\n--x\r\n"
    )
    .unwrap();
    // No more is sent, so only the fault can end this.
    let error = stream.read(&mut [0; 64]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(platform.skills().is_empty() && platform.calls()[0].body.is_empty());
}

#[test]
fn an_upload_counts_once_its_last_byte_is_there() {
    let platform = Platform::builder().start();
    let skill = crate::client::skill_md("courts");
    let part = "Content-Disposition: form-data; name=\"files[]\"; filename=\"courts/SKILL.md\"";
    let body = format!("--x\r\n{part}\r\n\r\n{skill}\r\n--x--\r\n");
    let head = format!(
        "POST /v1/skills HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {DEFAULT_API_KEY}\r\n\
         Anthropic-Version: 2026-10-21\r\nContent-Type: multipart/form-data; boundary=x\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let upload = |sent: &str| {
        let mut stream = TcpStream::connect(platform.url().trim_start_matches("http://")).unwrap();
        stream
            .write_all(format!("{head}{sent}").as_bytes())
            .unwrap();
        // After a whole request it would be for the server to choose: an answer, or none to a
        // client that hung up.
        if sent != body {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .map(|_| answer)
            .unwrap_or_default()
    };
    assert!(!upload(&body[..body.len() - 1]).contains("200 OK"));
    assert!(platform.skills().is_empty());
    assert!(upload(&body).contains("200 OK"));
    assert_eq!(platform.skills().len(), 1);
}

#[test]
fn an_upload_can_be_slow() {
    let platform = Platform::builder().start();
    platform.push_fault(Fault::SlowUpload(150), 1, 1);
    let start = Instant::now();
    assert_eq!(try_upload(&platform), Some(200));
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[test]
fn a_held_request_goes_on_when_it_is_released() {
    let platform = Platform::builder().start();
    platform.push_fault(Fault::Held, "POST /v1/skills", 1);
    // One that comes later is none of those that are released.
    platform.release_held();
    std::thread::scope(|scope| {
        let held = scope.spawn(|| try_upload(&platform));
        while platform.calls().is_empty() {
            std::thread::yield_now();
        }
        get(&platform, "/v1/skills").ok();
        assert!(platform.skills().is_empty() && !held.is_finished());
        platform.release_held();
        assert_eq!(held.join().unwrap(), Some(200));
    });
}

#[test]
fn a_genuine_answer_can_be_spoiled() {
    let platform = Platform::builder().start();
    platform.push_fault(Fault::Truncated, 1, 1);
    let answer = bare(&platform, "GET", "/v1/skills")
        .bearer_auth(DEFAULT_API_KEY)
        .header("anthropic-version", "2026-10-21")
        .send()
        .unwrap();
    assert!(answer.status() == 200 && answer.bytes().is_err());
    platform.push_fault(Fault::Malformed, 1, 1);
    let got = get(&platform, "/v1/skills");
    assert_eq!(
        (got.status, got.headers["content-type"].as_bytes()),
        (200, &b"application/json"[..])
    );
    assert!(
        !got.bytes.is_empty() && serde_json::from_slice::<serde_json::Value>(&got.bytes).is_err()
    );
    platform.push_fault(Fault::Html, "/v1/skills", 1);
    assert_eq!(
        upload(&platform, "/v1/skills", zip_form(skill("courts", "x"))).headers["content-type"],
        "text/html"
    );
    assert_eq!(platform.skills().len(), 1);
}

#[test]
fn a_fault_strikes_where_it_was_told_to_and_as_often() {
    let platform = Platform::builder().agent("agent_01", json!({})).start();
    get(&platform, "/v1/skills").ok();
    platform.push_fault(Fault::Status(500), 2, 2);
    platform.push_fault(Fault::Status(503), "POST /v1/agents/agent_01", 1);
    let statuses: Vec<_> = (0..4)
        .map(|_| get(&platform, "/v1/skills").status)
        .collect();
    assert_eq!(statuses, [200, 500, 500, 200]);
    get(&platform, "/v1/agents/agent_01").ok();
    post(&platform, "/v1/agents/agent_01", &json!({"system": "x"})).refused(503);
    post(&platform, "/v1/agents/agent_01", &json!({"system": "x"})).ok();
    platform.push_fault(Fault::Status(500), "/v1", u32::MAX);
    get(&platform, "/v1/skills").refused(500);
    platform.clear_faults();
    get(&platform, "/v1/skills").ok();
}

#[test]
fn a_builder_and_a_script_give_faults_in_the_same_words() {
    let platform = Platform::builder().fault("409@2".parse().unwrap()).start();
    get(&platform, "/v1/skills").ok();
    get(&platform, "/v1/skills").refused(409);
    let order = |text: &str| {
        send(bare(&platform, "POST", "/__sim/faults").body(json!({ "fault": text }).to_string()))
    };
    assert_eq!(order("529@2*2").status, 204);
    let statuses: Vec<_> = (0..4)
        .map(|_| get(&platform, "/v1/skills").status)
        .collect();
    assert_eq!(statuses, [200, 529, 529, 200]);
    assert!(order("nonsense").refused(400).contains("lost-after"));
    order("500@/");
    assert_eq!(send(bare(&platform, "DELETE", "/__sim/faults")).status, 204);
    get(&platform, "/v1/skills").ok();
}

/// Every path that makes something or says it, its body, and how many there are of that.
type Creation = (String, Value, fn(&Platform) -> usize);

fn creations(platform: &Platform) -> Vec<Creation> {
    let vault = made(platform, "/v1/vaults", &json!({"display_name": "v"}));
    let session = json!({"agent": "agent_01", "environment_id": "env_01"});
    let chat = made(platform, "/v1/sessions", &session);
    let file = upload(platform, "/v1/files", file_form()).ok();
    let message = json!({"type": "user.message", "content": [{"type": "text", "text": "x"}]});
    let deployment = json!({
        "name": "d", "agent": "agent_01", "environment_id": "env_01",
        "initial_events": [message],
    });
    let deployed = made(platform, "/v1/deployments", &deployment);
    let bearer = json!({
        "type": "static_bearer", "mcp_server_url": "https://a.example", "token": "t",
    });
    let mounted = json!({"type": "file", "file_id": file["id"]});
    let agent = json!({"name": "a", "model": "claude-sonnet-5-5"});
    let table: [Creation; 9] = [
        (
            "/v1/environments".into(),
            json!({"name": "e"}),
            |platform| platform.environments().len(),
        ),
        (
            "/v1/vaults".into(),
            json!({"display_name": "w"}),
            |platform| platform.vaults().len(),
        ),
        (
            format!("/v1/vaults/{vault}/credentials"),
            json!({ "auth": bearer }),
            |platform| {
                let vaults = platform.vaults();
                let ids = vaults.iter().map(|vault| vault["id"].as_str().unwrap());
                ids.map(|id| platform.credentials(id).len()).sum()
            },
        ),
        ("/v1/agents".into(), agent, |platform| {
            platform.agents().len()
        }),
        ("/v1/sessions".into(), session, |platform| {
            platform.sessions().len()
        }),
        (
            format!("/v1/sessions/{chat}/resources"),
            mounted,
            |platform| {
                let resources = platform.sessions()[0]["resources"].clone();
                resources.as_array().unwrap().len()
            },
        ),
        (
            format!("/v1/sessions/{chat}/events"),
            json!({"events": [message]}),
            |platform| {
                let id = platform.sessions()[0]["id"].clone();
                let events = platform.events(id.as_str().unwrap());
                let messages = events.iter().filter(|one| one["type"] == "user.message");
                messages.count()
            },
        ),
        ("/v1/deployments".into(), deployment, |platform| {
            platform.deployments().len()
        }),
        (
            format!("/v1/deployments/{deployed}/run"),
            Value::Null,
            |platform| {
                let runs = get(platform, "/v1/deployment_runs").ok();
                runs["data"].as_array().unwrap().len()
            },
        ),
    ];
    table.into()
}

fn made(platform: &Platform, target: &str, body: &Value) -> String {
    text(&post(platform, target, body).ok()["id"])
}

fn file_form() -> Form {
    Form::new().part("file", Part::bytes(b"A=b".to_vec()).file_name(".env"))
}

#[test]
fn every_creation_can_be_lost_before_it_and_after_it() {
    for number in 0..9 {
        for (fault, is_made) in [
            (Fault::Status(503), false),
            (Fault::LostBefore, false),
            (Fault::Reset, false),
            (Fault::LostAfter, true),
            (Fault::ResetAfter, true),
            (Fault::Truncated, true),
        ] {
            let platform = Platform::builder()
                .agent("agent_01", json!({}))
                .environment("env_01")
                .start();
            let (target, body, count) = creations(&platform).swap_remove(number);
            let before = count(&platform);
            platform.push_fault(fault, format!("POST {target}").as_str(), 1);
            let sent = json_request(request(&platform, "POST", &target), &body).send();
            let answer = sent.and_then(|answer| answer.error_for_status()?.bytes());
            assert!(answer.is_err(), "{target}: {fault}");
            let more = count(&platform) - before;
            assert_eq!(more, usize::from(is_made), "{target}: {fault}");
        }
    }
}
