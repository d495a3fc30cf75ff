//! A server on loopback that records every request byte for byte and answers from a list.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use claude_platform::{Client, Error, Limits, Settings, Skill};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// The key of tests that need none in particular.
pub(crate) const KEY: &str = "sk-ant-test-key-0001";

const STREAM_HEAD: &str = "HTTP/1.1 200 X\r\nconnection: close\r\n\
                           content-type: text/event-stream; charset=utf-8\r\n\r\n";

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "`{name}` came twice");
        value
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// The way a request is answered once it was read.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Reply(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A failure with this status whose message repeats the whole request after so much padding.
    Echo(u16, usize),
    /// Closes the connection.
    Close,
    /// Announces more than it sends.
    Cut,
    /// Sends nothing for a while.
    Hang,
    /// A success that never ends.
    Endless,
    /// A stream of an event in this piece, which comes once so many requests have: until then, only
    /// signs of life.
    Awaiting(usize, Vec<u8>),
    /// A stream of events in these pieces, which stays open for a while after them.
    Stream(Vec<Vec<u8>>, Duration),
}

pub(crate) fn ok(json: &serde_json::Value) -> Answer {
    Answer::Reply(200, Vec::new(), json.to_string().into_bytes())
}

/// A failure in the platform's form.
pub(crate) fn failure(status: u16, message: &str) -> Answer {
    let body =
        serde_json::json!({"type": "error", "error": {"type": "some_error", "message": message}});
    Answer::Reply(
        status,
        vec![("request-id", "req_1".to_owned())],
        body.to_string().into_bytes(),
    )
}

impl Answer {
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Reply(_, headers, _) = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) url: String,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Server {
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::start_with(answers, None).await
    }

    /// With https if there is an acceptor.
    pub(crate) async fn start_with(
        answers: impl IntoIterator<Item = Answer>,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(answers.into_iter().collect()));
        let server = Self {
            url,
            recorded: Arc::default(),
            answers,
        };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (serving, tls) = (serving.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        // A client may refuse the certificate.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serving.serve(stream).await;
                            }
                        }
                        None => serving.serve(stream).await,
                    }
                });
            }
        });
        server
    }

    pub(crate) fn push(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// Forgets the answers that nobody asked for yet.
    pub(crate) fn forget_answers(&self) {
        self.answers.lock().unwrap().clear();
    }

    /// Everything that came; every answer must have been asked for.
    pub(crate) fn recorded(&self) -> Vec<Recorded> {
        assert!(
            self.answers.lock().unwrap().is_empty(),
            "answers that nobody asked for"
        );
        self.recorded.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.recorded().iter().map(Recorded::line).collect()
    }

    /// The only request.
    pub(crate) fn only(&self) -> Recorded {
        let recorded = self.recorded();
        assert_eq!(recorded.len(), 1, "{recorded:#?}");
        recorded[0].clone()
    }

    /// A client of the direct API with [`KEY`].
    pub(crate) async fn client(&self) -> Client {
        self.client_with(
            &[
                ("ANTHROPIC_API_KEY", KEY),
                ("ANTHROPIC_BASE_URL", &self.url),
            ],
            false,
        )
        .await
    }

    /// Asks for a skill as that client.
    pub(crate) async fn get_skill(&self) -> Result<Skill, Error> {
        self.client().await.get_skill("skill_1").await
    }

    /// A client with these variables that waits for nothing.
    pub(crate) async fn client_with(&self, variables: &[(&str, &str)], aws: bool) -> Client {
        let (settings, _) = read(variables, aws).await.unwrap();
        Client::new(settings.with_limits(quick())).unwrap()
    }

    async fn serve(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Some(request) = receive(&mut stream).await else {
            return;
        };
        let words: String = request
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value} "))
            .collect();
        let words = words + &String::from_utf8_lossy(&request.body);
        self.recorded.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        let answer = answer.unwrap_or_else(|| failure(418, "nobody expected this request"));
        let (status, headers, body, promised) = match answer {
            Answer::Reply(status, headers, body) => (status, headers, body.clone(), body.len()),
            Answer::Echo(status, padding) => {
                let message = "x".repeat(padding) + &words;
                let body = serde_json::json!({"error": {"message": message}})
                    .to_string()
                    .into_bytes();
                (status, Vec::new(), body.clone(), body.len())
            }
            Answer::Cut => (200, Vec::new(), b"{".to_vec(), 100),
            Answer::Close => return,
            Answer::Endless => {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n")
                    .await;
                while stream.write_all(&[b' '; 65536]).await.is_ok() {}
                return;
            }
            Answer::Stream(pieces, open) => {
                let _ = stream.write_all(STREAM_HEAD.as_bytes()).await;
                for piece in pieces {
                    let _ = stream.write_all(&piece).await;
                    let _ = stream.flush().await;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                return tokio::time::sleep(open).await;
            }
            Answer::Awaiting(count, piece) => {
                let _ = stream.write_all(STREAM_HEAD.as_bytes()).await;
                while self.recorded.lock().unwrap().len() < count {
                    let _ = stream.write_all(b": alive\n\n").await;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                let _ = stream.write_all(&piece).await;
                // Until the client has enough of it.
                return while stream.read_u8().await.is_ok() {};
            }
            Answer::Hang => return tokio::time::sleep(Duration::from_secs(5)).await,
        };
        let mut head =
            format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {promised}\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        // The client may be gone on purpose.
        let _ = stream
            .write_all(&[head.as_bytes(), b"\r\n", &body].concat())
            .await;
        let _ = stream.shutdown().await;
    }
}

/// Settings from these variables and no others.
pub(crate) async fn read(
    variables: &[(&str, &str)],
    aws: bool,
) -> Result<(Settings, Vec<String>), claude_platform::Error> {
    let find = |name: &str| {
        variables
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| (*value).to_owned())
    };
    // Nobody's own configuration counts.
    let env = |name: &str| {
        find(name).or_else(|| (name == "AWS_CONFIG_FILE").then(|| "/nonexistent".to_owned()))
    };
    Settings::from_env(&env, aws).await
}

/// Limits for impatient tests.
pub(crate) fn quick() -> Limits {
    Limits {
        first_wait: Duration::from_millis(1),
        total: Duration::from_secs(2),
        ..Limits::default()
    }
}

async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Option<Recorded> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    assert!(
        headers.iter().all(|(name, _)| name != "transfer-encoding"),
        "bodies are sent whole"
    );
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .map_or(0, |(_, size)| size.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Recorded {
        method,
        target,
        headers,
        body,
    })
}
