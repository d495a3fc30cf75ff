//! A host whose answers a test writes byte by byte.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::harness::{EMAIL, Member, PASSWORD};

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Method, target and version.
    pub(crate) line: String,
    /// Names in lower case, with their values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn is(&self, part: &str) -> bool {
        self.line.contains(part)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }
}

/// A host's reaction to a request.
#[derive(Clone)]
pub(crate) enum Act {
    Answer(String),
    /// Writes that and closes the connection.
    Last(String),
    Hang,
}

impl Act {
    /// Returns `None` when the connection must end.
    fn perform(&self, stream: &mut TcpStream) -> Option<()> {
        match self {
            Self::Answer(answer) => stream.write_all(answer.as_bytes()).ok(),
            Self::Last(answer) => {
                stream.write_all(answer.as_bytes()).ok()?;
                None
            }
            Self::Hang => {
                std::thread::sleep(Duration::from_secs(60));
                None
            }
        }
    }
}

pub(crate) struct Host {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Host {
    pub(crate) fn new(act: impl Fn(&Request) -> Act + Send + Sync + 'static) -> Self {
        Self::on(bind(), usize::MAX, act)
    }

    /// Takes that many connections and then stops listening.
    pub(crate) fn on(
        listener: TcpListener,
        connections: usize,
        act: impl Fn(&Request) -> Act + Send + Sync + 'static,
    ) -> Self {
        Self::serving(listener, connections, move |request, stream| {
            act(request).perform(stream)
        })
    }

    /// Gives a session to anybody and answers all else with raw bytes; `answer` may never end.
    pub(crate) fn writing(
        answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::serving(bind(), usize::MAX, move |request, stream| {
            if request.is("/anonymous") {
                visitor().perform(stream)
            } else {
                answer(stream).ok()
            }
        })
    }

    fn serving(
        listener: TcpListener,
        connections: usize,
        answer: impl Fn(&Request, &mut TcpStream) -> Option<()> + Send + Sync + 'static,
    ) -> Self {
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok).take(connections) {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                std::thread::spawn(move || {
                    let mut lines = BufReader::new(stream.try_clone().expect("the stream"));
                    while let Some(request) = read(&mut lines) {
                        seen.lock().expect("no panic").push(request.clone());
                        if answer(&request, &mut stream).is_none() {
                            break;
                        }
                    }
                });
            }
        });
        Self { url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }

    /// The number of passwords that it got.
    pub(crate) fn posts(&self) -> usize {
        let requests = self.requests();
        requests.iter().filter(|it| it.is("POST ")).count()
    }

    /// Starts a command and waits until its password has arrived.
    pub(crate) fn spawn_until_sent(&self, mut command: Command) -> Child {
        let sent = self.posts();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("it starts");
        while self.posts() == sent {
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    /// Somebody whose club it is.
    pub(crate) fn member(&self) -> Member {
        Member::new()
            .env("PSLC_CLUB", &self.url)
            .credentials(EMAIL, PASSWORD)
    }
}

/// A port of this machine.
pub(crate) fn bind() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

/// Reads a request; `None` at the end of the connection.
fn read(lines: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        (lines.read_line(&mut head).ok()? > 0).then_some(())?;
    }
    let (line, rest) = head.split_once("\r\n")?;
    let headers = rest.lines().filter_map(|line| line.split_once(": "));
    let mut request = Request {
        line: line.to_owned(),
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: String::new(),
    };
    let mut body = vec![0; request.header("content-length").parse().unwrap_or(0)];
    lines.read_exact(&mut body).ok()?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Some(request)
}

/// An answer with a body; `head` is its status and headers but for the length.
pub(crate) fn answer(head: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n{body}")
}

pub(crate) fn says(head: &str, body: &str) -> Act {
    Act::Answer(answer(head, body))
}

/// An act that writes this and closes the connection.
pub(crate) fn breaks_off(text: &str) -> Act {
    Act::Last(text.to_owned())
}

/// A host that gives visitors a session and answers each sign-in with this act.
pub(crate) fn signing_in(act: impl Fn() -> Act + Send + Sync + 'static) -> Host {
    Host::new(move |request| {
        if request.is("POST ") {
            act()
        } else {
            visitor()
        }
    })
}

/// A visitor's session.
pub(crate) fn visitor() -> Act {
    says("200 OK\r\nSet-Cookie: Jwt=visitors; Path=/", "")
}
