//! An execution environment: a process, what it is doing, and whether it is frozen.

use std::{
    io::{self, BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use sim_server::{locked, machine_time};
use tokio::sync::{mpsc, oneshot, watch};

use super::{Deployed, quota::Quota, runtime_api};
use crate::sim::Sim;

/// An invocation on its way into a process.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) request_id: String,
    pub(super) payload: Vec<u8>,
    /// Milliseconds since 1970.
    pub(super) deadline: i64,
    pub(super) answer: oneshot::Sender<Result<Vec<u8>, Vec<u8>>>,
}

/// What a process is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// From its start to its first `/next`.
    Starting,
    /// Frozen, with an open `/next`.
    Waiting,
    /// It has an invocation, or has answered it and not asked for the next one yet.
    Working,
    Dead,
}

/// A process of a function.
#[derive(Debug)]
pub(super) struct Environment {
    child: Mutex<Child>,
    pid: Option<Pid>,
    phase: watch::Sender<Phase>,
    pub(super) jobs: mpsc::Sender<Job>,
    /// The other end, which `/next` takes from.
    pub(super) next: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    /// The one that was handed out last.
    pub(super) current: Mutex<Option<Job>>,
    /// What it told `/init/error`.
    pub(super) init_error: Mutex<Option<Vec<u8>>>,
    quota: Mutex<Option<Quota>>,
    memory: Option<u32>,
    pub(super) arn: String,
}

impl Environment {
    /// Starts a process of a function, and its Runtime API.
    pub(super) async fn start(sim: &Arc<Sim>, deployed: &Deployed) -> io::Result<Arc<Self>> {
        let number = {
            let mut started = locked(&deployed.started);
            *started += 1;
            *started
        };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let mut child = command(sim, deployed, &address, number).spawn()?;
        for stream in [
            child.stdout.take().map(boxed),
            child.stderr.take().map(boxed),
        ]
        .into_iter()
        .flatten()
        {
            keep_lines(stream, Arc::clone(&deployed.log));
        }
        let (jobs, next) = mpsc::channel(1);
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let environment = Arc::new(Self {
            child: Mutex::new(child),
            pid,
            phase: watch::Sender::new(Phase::Starting),
            jobs,
            next: tokio::sync::Mutex::new(next),
            current: Mutex::default(),
            init_error: Mutex::default(),
            quota: Mutex::default(),
            memory: deployed
                .function
                .has_quota
                .then_some(deployed.function.memory),
            arn: deployed.arn.clone(),
        });
        runtime_api::serve(listener, &environment);
        Ok(environment)
    }

    pub(super) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// True while it starts or works.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.phase(), Phase::Starting | Phase::Working)
    }

    /// The process asks for an invocation: it is frozen until there is one.
    pub(super) fn wait(&self) {
        if self.phase() == Phase::Dead {
            return;
        }
        // Lambda gives the start more than the function's share.
        if let (Some(memory), Some(pid)) = (self.memory, self.pid) {
            locked(&self.quota).get_or_insert_with(|| Quota::start(pid, memory));
        }
        if let Some(quota) = &*locked(&self.quota) {
            quota.pause();
        }
        self.phase.send_replace(Phase::Waiting);
        self.signal(Signal::STOP);
    }

    /// Takes the process for an invocation, if it waits for one.
    pub(super) fn take(&self) -> bool {
        self.phase.send_if_modified(|phase| {
            let waits = *phase == Phase::Waiting;
            if waits {
                *phase = Phase::Working;
            }
            waits
        })
    }

    pub(super) fn thaw(&self) {
        self.signal(Signal::CONT);
        if let Some(quota) = &*locked(&self.quota) {
            quota.resume();
        }
    }

    pub(super) fn kill(&self) {
        self.phase.send_replace(Phase::Dead);
        // The signal works on a stopped process, too.
        self.signal(Signal::KILL);
        locked(&self.current).take();
    }

    /// Kills the process and waits for its end.
    pub(super) fn end(&self) {
        self.phase.send_replace(Phase::Dead);
        let mut child = locked(&self.child);
        let _ = child.kill();
        let _ = child.wait();
        locked(&self.quota).take();
    }

    /// Returns once the process is in another phase than starting.
    pub(super) async fn started(&self) {
        let mut phases = self.phase.subscribe();
        // The sender lives as long as `self`.
        let _ = phases.wait_for(|phase| *phase != Phase::Starting).await;
    }

    /// The status with which the process has ended, in words.
    pub(super) fn exit(&self) -> Option<String> {
        let status = locked(&self.child).try_wait().ok().flatten()?;
        self.phase.send_replace(Phase::Dead);
        Some(status.to_string().replace("exit status: ", "exit status "))
    }

    fn signal(&self, signal: Signal) {
        // One that has ended needs none.
        if let (Some(pid), None) = (self.pid, self.exit()) {
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.end();
    }
}

/// The process with the variables that Lambda sets, and none of ours.
fn command(sim: &Sim, deployed: &Deployed, address: &str, number: usize) -> Command {
    let function = &deployed.function;
    let credentials = crate::setup::Credentials::of_role(&function.role);
    let root = function.program.parent().unwrap_or(Path::new("/"));
    let mut command = Command::new(&function.program);
    command
        .env_clear()
        .env("_HANDLER", "bootstrap")
        .env("AWS_ACCESS_KEY_ID", credentials.access_key_id)
        .env("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key)
        .env(
            "AWS_SESSION_TOKEN",
            credentials.session_token.unwrap_or_default(),
        )
        .env("AWS_REGION", &sim.setup.region)
        .env("AWS_DEFAULT_REGION", &sim.setup.region)
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", &function.name)
        .env(
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            function.memory.to_string(),
        )
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand")
        .env(
            "AWS_LAMBDA_LOG_GROUP_NAME",
            format!("/aws/lambda/{}", function.name),
        )
        .env(
            "AWS_LAMBDA_LOG_STREAM_NAME",
            format!("2026/11/23/[$LATEST]{number:032x}"),
        )
        .env("LAMBDA_TASK_ROOT", root)
        .env("LAMBDA_RUNTIME_DIR", "/var/runtime")
        .env("LANG", "en_US.UTF-8")
        .env("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin")
        .env("TZ", ":UTC")
        // The one that real functions do not have.
        .env("AWS_ENDPOINT_URL", &*locked(&sim.lambda.endpoint))
        .envs(&function.variables)
        .current_dir(root)
        // Whoever is stopped in an orphaned group is ended by the kernel: nothing is left behind
        // when the region's own process is killed.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn boxed(stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(stream)
}

/// Adds what a process writes to the function's log, line by line.
fn keep_lines(stream: Box<dyn Read + Send>, log: Arc<Mutex<String>>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let mut log = locked(&log);
            log.push_str(&String::from_utf8_lossy(&line));
            log.push('\n');
        }
    });
}

/// Milliseconds since 1970 by the clock that functions have.
pub(super) fn now_millis() -> i64 {
    machine_time().timestamp_millis()
}

/// The body of an error that Lambda makes itself.
pub(super) fn error_body(kind: &str, message: &str) -> Vec<u8> {
    json!({"errorType": kind, "errorMessage": message})
        .to_string()
        .into_bytes()
}
