//! The benchmark behind `scripts/bench --aws`: a first event of Slack at the share of a processor
//! that 128 MB give, answered by the program `bootstrap` and by a handler in Python.
//!
//! Both run in the simulated region's Lambda. The bridge reads its secret, looks the question up,
//! counts it, records it and hands it over, all over https; the handler in Python (`original.py`)
//! says the message in a session, over http, and remembers nothing. Nothing here is a test: figures
//! depend on the machine, only what one run compares means something.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot measure has to stop"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table goes to stdout, progress to stderr"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aws_sim::{Certificate, Credentials, DEFAULT_REGION, Fault, Function, Region};
use claude_platform_sim::{AwsAccess, Model, Platform};
use serde_json::{Value, json};
use slack_sim::{DEFAULT_SIGNING_SECRET, sign_body};

const USAGE: &str = "scripts/bench --aws [--rounds N]";
const BRIDGE: &str = "bench-bridge";
const ORIGINAL: &str = "bench-original";
const TABLE: &str = "padel-slack";
/// How far away DynamoDB and Lambda are in the last column, in milliseconds.
const AWAY: u32 = 50;

/// What one new process needed for its first event.
struct Sample {
    /// From the event to the answer, in milliseconds.
    first: f64,
    /// Of a processor, from the start to the answer, in milliseconds.
    cpu: f64,
    /// At most, in megabytes.
    memory: f64,
}

struct Row {
    name: &'static str,
    size: u64,
    samples: Vec<Sample>,
    away: Vec<f64>,
}

fn main() {
    let mut rounds = 5;
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(arg) = args.next() {
        match (
            arg.as_str(),
            args.next().and_then(|count| count.parse().ok()),
        ) {
            ("--rounds", Some(count)) => rounds = count,
            _ => {
                eprintln!("{USAGE}");
                std::process::exit(2);
            }
        }
    }
    // The script builds both and names them.
    #[expect(clippy::disallowed_methods, reason = "a benchmark is an edge")]
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let bridge = PathBuf::from(variable("PADEL_BENCH_BOOTSTRAP"));
    let python = PathBuf::from(variable("PADEL_BENCH_PYTHON"));
    let sizes = [
        variable("PADEL_BENCH_ZIP"),
        variable("PADEL_BENCH_PYTHON_ZIP"),
    ]
    .map(|zip| fs::metadata(zip).map_or(0, |file| file.len()));
    let mut rows = vec![measure_bridge(&bridge, sizes[0], rounds)];
    if python.exists() {
        rows.push(measure_original(&python, sizes[1], rounds));
    }
    print_table(&rows);
}

/// The services over https, in a region of their own, for only a region that runs has a certificate.
fn measure_bridge(program: &Path, size: u64, rounds: usize) -> Row {
    let everything = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    let services = Region::builder()
        .certificate(Certificate::Valid)
        .table(describe_table(), None)
        .secret("/padel/signing-secret", DEFAULT_SIGNING_SECRET)
        .function(Function::new("answer", "/nonexistent"))
        .role(BRIDGE, &everything)
        .unwrap()
        .start();
    let authority = services.authority().unwrap().file().display().to_string();
    let mut function = Function::new(BRIDGE, program)
        .with_quota()
        .variable("PADEL_FUNCTION", "accept")
        .variable("PADEL_TABLE", TABLE)
        .variable("PADEL_ANSWER_FUNCTION", "answer")
        .variable("SLACK_SIGNING_SECRET_PARAMETER", "/padel/signing-secret")
        .variable("PADEL_SLACK_CHANNELS", "C0PADEL0001")
        .variable("SSL_CERT_FILE", authority);
    for service in ["DYNAMODB", "LAMBDA", "SSM"] {
        function = function.variable(format!("AWS_ENDPOINT_URL_{service}"), services.url());
    }
    let lambda = Region::builder().function(function).start();
    let samples = (0..rounds)
        .map(|round| sample(&lambda, BRIDGE, round))
        .collect();
    let away = (0..rounds).map(|round| {
        for place in ["/dynamodb", "/lambda"] {
            services.push_fault(Fault::Slow(AWAY), place, 10);
        }
        let sample = sample(&lambda, BRIDGE, rounds + round);
        services.clear_faults();
        sample.first
    });
    Row {
        name: "padel-slack",
        size,
        samples,
        away: away.collect(),
    }
}

/// It signs with its role's keys, as a function does.
fn measure_original(python: &Path, size: u64, rounds: usize) -> Row {
    let keys = Credentials::of_role(ORIGINAL);
    let platform = Platform::builder()
        .aws(AwsAccess {
            access_key_id: keys.access_key_id,
            secret_access_key: keys.secret_access_key,
            session_token: keys.session_token,
            region: DEFAULT_REGION.to_owned(),
            workspace: "wrkspc_01Padel".to_owned(),
        })
        .agent("agent_01Padel", json!({"name": "padel"}))
        .environment("env_01Padel")
        .model(Model::Lazy)
        .start();
    let session = make_session(&platform);
    let function = Function::new(ORIGINAL, python)
        .with_quota()
        .timeout(Duration::from_secs(120))
        .variable("SLACK_SIGNING_SECRET", DEFAULT_SIGNING_SECRET)
        .variable("PADEL_SESSION_ID", session)
        .variable("ANTHROPIC_AWS_WORKSPACE_ID", "wrkspc_01Padel")
        .variable("ANTHROPIC_AWS_BASE_URL", platform.url());
    let lambda = Region::builder().function(function).start();
    Row {
        name: "handler in Python",
        size,
        samples: (0..rounds)
            .map(|round| sample(&lambda, ORIGINAL, round))
            .collect(),
        away: Vec::new(),
    }
}

fn make_session(platform: &Platform) -> String {
    let (url, keys) = (platform.url(), Credentials::of_role(ORIGINAL));
    let lookup = move |name: &str| match name {
        "ANTHROPIC_AWS_BASE_URL" => Some(url.clone()),
        "ANTHROPIC_AWS_WORKSPACE_ID" => Some("wrkspc_01Padel".to_owned()),
        "AWS_REGION" => Some(DEFAULT_REGION.to_owned()),
        "AWS_ACCESS_KEY_ID" => Some(keys.access_key_id.clone()),
        "AWS_SECRET_ACCESS_KEY" => Some(keys.secret_access_key.clone()),
        "AWS_SESSION_TOKEN" => keys.session_token.clone(),
        _ => None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let settings = claude_platform::Settings::from_env(&lookup, true).await;
        let client = claude_platform::Client::new(settings.unwrap().0).unwrap();
        let new = claude_platform::NewSession {
            agent: "agent_01Padel".to_owned(),
            environment: "env_01Padel".to_owned(),
            ..claude_platform::NewSession::default()
        };
        client.create_session(&new).await.unwrap().id
    })
}

/// Starts a new process with an event, and looks at it once it has answered.
fn sample(region: &Region, function: &str, number: usize) -> Sample {
    region.kill(function);
    let before = region.invocations().len();
    region.send_event(function, make_event(number));
    let invocation = loop {
        std::thread::sleep(Duration::from_millis(20));
        if let Some(invocation) = region.invocations().get(before) {
            break invocation.clone();
        }
    };
    assert_eq!(
        invocation.answer["statusCode"],
        200,
        "{}",
        region.log(function)
    );
    assert!(invocation.was_cold);
    let (cpu, memory) = look_at(function);
    Sample {
        first: f64::from(u32::try_from(invocation.micros).unwrap()) / 1000.0,
        cpu,
        memory,
    }
}

/// A message, as an HTTP API writes it.
fn make_event(number: usize) -> Value {
    let now = padel_slack::clock::machine_clock()() / 1000;
    let body = json!({
        "type": "event_callback", "api_app_id": "A0BENCH0001", "team_id": "T0BENCH0001",
        "event_id": format!("Ev{now}{number}"),
        "event": {
            "type": "message", "channel": "C0PADEL0001", "user": format!("U0{number}"),
            "client_msg_id": format!("{now}-{number}"), "text": "Is a court free at six?",
            "ts": format!("{now}.{number:06}"), "channel_type": "channel",
        },
    });
    let body = body.to_string();
    let signature = sign_body(DEFAULT_SIGNING_SECRET, &now.to_string(), body.as_bytes());
    json!({
        "version": "2.0", "rawPath": "/slack/events", "isBase64Encoded": false, "body": body,
        "headers": {"x-slack-request-timestamp": now.to_string(), "x-slack-signature": signature},
        "requestContext": {"http": {"method": "POST", "path": "/slack/events"}},
    })
}

/// Milliseconds of a processor and megabytes at most of the process that runs the function.
fn look_at(function: &str) -> (f64, f64) {
    let mark = format!("AWS_LAMBDA_FUNCTION_NAME={function}\0");
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let place = process.path();
        let variables = fs::read(place.join("environ")).unwrap_or_default();
        if !String::from_utf8_lossy(&variables).contains(&mark) {
            continue;
        }
        let mut nanos = 0;
        for thread in fs::read_dir(place.join("task")).unwrap().flatten() {
            let times = fs::read_to_string(thread.path().join("schedstat")).unwrap();
            nanos += times.split(' ').next().unwrap().parse::<u64>().unwrap();
        }
        let status = fs::read_to_string(place.join("status")).unwrap();
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
        let millis = f64::from(u32::try_from(nanos / 1000).unwrap()) / 1000.0;
        return (millis, kilobytes / 1000.0);
    }
    panic!("no process runs {function}");
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn print_table(rows: &[Row]) {
    println!(
        "| | zip | first event at 128 MB | processor time to the answer | memory | DynamoDB {AWAY} ms away |"
    );
    println!("|---|---|---|---|---|---|");
    for row in rows {
        let [first, cpu, memory] = [
            median(row.samples.iter().map(|sample| sample.first)),
            median(row.samples.iter().map(|sample| sample.cpu)),
            median(row.samples.iter().map(|sample| sample.memory)),
        ];
        let away = if row.away.is_empty() {
            String::new()
        } else {
            format!("{:.0} ms", median(row.away.iter().copied()))
        };
        let size = row.size as f64 / 1e6;
        println!(
            "| {} | {size:.2} MB | {first:.0} ms | {cpu:.1} ms | {memory:.1} MB | {away} |",
            row.name
        );
    }
}

/// The table as `deploy/aws/template.yaml` has it, but for the index, which accepting never reads.
fn describe_table() -> Value {
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    })
}
