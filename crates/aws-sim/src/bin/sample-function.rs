//! A function for the simulator's own tests: it does what its event says, over the Runtime API,
//! with nothing but the standard library and JSON.
#![expect(
    clippy::disallowed_methods,
    reason = "a whole program of its own, whose settings are its environment"
)]

use std::{
    collections::BTreeMap,
    env, fs,
    io::{self, Read, Write},
    net::TcpStream,
    process::exit,
    thread::sleep,
    time::Duration,
};

use serde_json::{Value, json};

const API: &str = "/2018-06-01/runtime";

fn main() -> anyhow::Result<()> {
    let address = env::var("AWS_LAMBDA_RUNTIME_API")?;
    match env::var("START").as_deref() {
        Ok("exit") => exit(3),
        Ok("hang") => sleep(Duration::from_secs(3600)),
        Ok("error") => {
            let error = r#"{"errorType":"Sample.Start","errorMessage":"told to"}"#;
            send(&address, "POST", &format!("{API}/init/error"), "", error)?;
            exit(1);
        }
        _ => {}
    }
    writeln!(io::stdout(), "started")?;
    for number in 1.. {
        let next = send(&address, "GET", &format!("{API}/invocation/next"), "", "")?;
        let id = next.header("lambda-runtime-aws-request-id").to_owned();
        let event: Value = serde_json::from_str(&next.body)?;
        writeln!(io::stderr(), "invocation {number}")?;
        let (path, body) = match handle(&event, number, &next)? {
            Ok(answer) => ("response", answer),
            Err(error) => ("error", error),
        };
        let path = format!("{API}/invocation/{id}/{path}");
        send(&address, "POST", &path, "", &body.to_string())?;
    }
    Ok(())
}

fn handle(event: &Value, number: u32, next: &Response) -> anyhow::Result<Result<Value, Value>> {
    let told = event["do"].as_str().unwrap_or_default();
    let (word, argument) = told.split_once(' ').unwrap_or((told, ""));
    Ok(Ok(match word {
        "fail" => {
            return Ok(Err(
                json!({"errorType": "Sample", "errorMessage": "told to"}),
            ));
        }
        "exit" => exit(7),
        "sleep" => {
            sleep(Duration::from_millis(argument.parse()?));
            json!({"slept": argument, "number": number})
        }
        "spin" => {
            // Until so many milliseconds of a processor are used.
            let (wanted, before) = (argument.parse::<u64>()? * 1_000_000, used_nanos()?);
            while used_nanos()? - before < wanted {}
            json!({"used_micros": (used_nanos()? - before) / 1000})
        }
        "variables" => {
            let variables: BTreeMap<String, String> = env::vars().collect();
            json!({"variables": variables, "deadline": next.header("lambda-runtime-deadline-ms")})
        }
        "call" => json!({"status": call(argument)?}),
        _ if event.get("requestContext").is_some() => match env::var("ANSWER") {
            Ok(answer) => serde_json::from_str(&answer)?,
            Err(_) => json!({"statusCode": 200, "body": event.to_string()}),
        },
        _ => json!({"echo": event, "number": number}),
    }))
}

/// The time that this process was on a processor.
fn used_nanos() -> anyhow::Result<u64> {
    let text = fs::read_to_string("/proc/self/schedstat")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}

/// Calls an operation of a service with its access key, but no signature; the status that comes.
fn call(target: &str) -> anyhow::Result<String> {
    let url = env::var("AWS_ENDPOINT_URL")?;
    let address = url.trim_start_matches("http://");
    let key = env::var("AWS_ACCESS_KEY_ID")?;
    let headers = format!(
        "x-amz-target: {target}\r\nauthorization: AWS4-HMAC-SHA256 Credential={key}/x, \
         SignedHeaders=host, Signature=0\r\n"
    );
    Ok(send(address, "POST", "/", &headers, "{}")?.status)
}

struct Response {
    status: String,
    head: String,
    body: String,
}

impl Response {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines();
        let value = lines.find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        });
        value.unwrap_or_default()
    }
}

fn send(
    address: &str,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> io::Result<Response> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{headers}content-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Ok(Response {
        status: head.split(' ').nth(1).unwrap_or_default().to_owned(),
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
