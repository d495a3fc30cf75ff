//! Ctrl-C, Ctrl-D and other signals: at questions, while files are read, while nobody reads the
//! output.

use std::{
    io::Write as _,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gladstone_sim::Fault;

use crate::{
    harness::{EMAIL, Member, Outcome, PASSWORD, club, succeeds},
    terminal::Terminal,
};

const HAR: &str = "{\"log\":{\"entries\":[]}}";

/// The questions of `padel setup` and what answers them.
const SETUP: [(&str, &str); 4] = [
    ("Club [", ""),
    ("needs one request fewer)?", "y"),
    ("courts only):", EMAIL),
    ("Password (not shown):", PASSWORD),
];
const LEARN: [(&str, &str); 2] = [("E-mail:", EMAIL), ("Password (not shown):", PASSWORD)];

/// Answers the first questions and presses keys at the next.
fn at_question(
    member: &Member,
    args: &str,
    questions: &[(&str, &str)],
    number: usize,
    keys: &str,
) -> Outcome {
    let mut terminal = Terminal::start(member, args);
    for (question, answer) in &questions[..number] {
        terminal.wait_for(question);
        terminal.keys(&format!("{answer}\n"));
    }
    terminal.wait_for(questions[number].0);
    terminal.keys(keys);
    terminal.end()
}

/// Asserts that a question's end left nothing behind.
#[track_caller]
fn assert_left_nothing(outcome: &Outcome, member: &Member) {
    assert!(
        outcome.stderr.contains(" echo ") && outcome.stderr.contains(" icanon "),
        "the terminal: {outcome:?}"
    );
    assert!(
        !member.path(".config").exists(),
        "nothing is written: {outcome:?}"
    );
    outcome.assert_stdout_lacks(PASSWORD);
}

#[test]
fn ctrl_c_and_ctrl_d_end_every_question_of_setup() {
    let club = club().start();
    for number in 0..SETUP.len() {
        // An answer without its Enter is no answer.
        for (keys, told) in [
            ("\u{3}", "interrupted"),
            ("\u{4}", "not answered"),
            ("y\u{4}\u{4}", "not answered"),
        ] {
            let member = Member::new();
            let outcome = at_question(
                &member,
                &format!("setup --club {}", club.url()),
                &SETUP,
                number,
                keys,
            );
            assert_eq!(outcome.code, 130, "question {number}: {outcome:?}");
            assert!(
                outcome.stdout.contains(told),
                "question {number}: {outcome:?}"
            );
            assert_left_nothing(&outcome, &member);
        }
    }
}

#[test]
fn ctrl_c_before_enter_writes_nothing() {
    let club = club().start();
    for _ in 0..5 {
        let member = Member::new();
        let outcome = at_question(
            &member,
            &format!("setup --club {}", club.url()),
            &SETUP,
            3,
            "\u{3}\ny\n",
        );
        assert_eq!(outcome.code, 130, "{outcome:?}");
        assert_left_nothing(&outcome, &member);
    }
}

#[test]
fn ctrl_c_and_ctrl_d_end_every_question_of_portal_learn() {
    for number in 0..LEARN.len() {
        for keys in ["\u{3}", "\u{4}"] {
            let member = Member::new().file("a.har", HAR);
            let outcome = at_question(
                &member,
                "portal learn a.har --club brunelsport",
                &LEARN,
                number,
                keys,
            );
            assert_eq!(outcome.code, 130, "question {number}: {outcome:?}");
            assert_left_nothing(&outcome, &member);
        }
    }
}

#[test]
fn a_signal_at_the_password_restores_the_terminal() {
    let club = club().start();
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        let member = Member::new();
        let mut terminal = Terminal::start(&member, &format!("setup --club {}", club.url()));
        for (question, answer) in &SETUP[..3] {
            terminal.wait_for(question);
            terminal.keys(&format!("{answer}\n"));
        }
        terminal.wait_for(SETUP[3].0);
        let process = std::fs::read_to_string(member.path("pid")).expect("its number");
        kill(signal, process.trim());
        let outcome = terminal.end();
        assert_eq!(outcome.code, code, "{outcome:?}");
        assert_left_nothing(&outcome, &member);
    }
}

fn kill(signal: &str, process: &str) {
    assert!(succeeds(Command::new("kill").args([signal, process])));
}

/// True once a process handles Ctrl-C.
fn takes_signals(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a status");
    let caught = status
        .lines()
        .find_map(|line| line.strip_prefix("SigCgt:"))
        .expect("the signals that are caught");
    u64::from_str_radix(caught.trim(), 16).expect("a number") & 0b10 != 0
}

/// Interrupts a command as soon as it takes signals, and some time later.
fn interrupt(mut command: Command) -> Outcome {
    let mut child = command.stderr(Stdio::piped()).spawn().expect("it starts");
    interrupt_child(&mut child);
    Outcome::of(child)
}

fn interrupt_child(child: &mut Child) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !takes_signals(child.id()) {
        assert!(Instant::now() < deadline, "no signal is caught");
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(100));
    kill("-INT", &child.id().to_string());
}

#[test]
fn ctrl_c_ends_the_reading_of_any_file() {
    let member = Member::new().env("PSLC_CLUB", "http://127.0.0.1:9");
    member.shell("mkfifo pipe");
    for args in [
        "availability --env-file pipe",
        "availability --config pipe --json",
        "doctor --env-file pipe",
        "portal learn pipe",
        "login --env-file /dev/stdin",
        "portal learn /dev/stdin",
    ] {
        for _ in 0..3 {
            let mut command = member.command(args);
            // A process that holds the pipe open and writes nothing.
            let (_silent, stdin) = {
                let mut cat = Command::new("sleep")
                    .arg("30")
                    .stdout(Stdio::piped())
                    .spawn()
                    .expect("sleep");
                let stdout = cat.stdout.take().expect("a pipe");
                (Reaped(cat), stdout)
            };
            command.stdin(stdin).stdout(Stdio::piped());
            interrupt(command).assert_error("interrupted", 130);
        }
    }
}

/// A helper that ends with the test.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A pipe that is full, and its end that nobody reads.
fn full_pipe() -> (std::io::PipeReader, std::io::PipeWriter) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let mut other = writer.try_clone().expect("the same pipe");
    // Blocks for ever in the end, and holds nothing that the test needs.
    std::thread::spawn(move || while other.write_all(&[b'x'; 4096]).is_ok() {});
    std::thread::sleep(Duration::from_millis(200));
    (reader, writer)
}

#[test]
fn a_stalled_reader_outlasts_no_timeout_or_ctrl_c() {
    let club = club().start();
    let member = Member::of(&club);
    let (_reader, stalled) = full_pipe();
    let mut command = member.command("availability");
    command.stdout(stalled.try_clone().expect("the pipe"));
    interrupt(command).assert_error("interrupted", 130);
    let begin = Instant::now();
    let mut command = member.command("availability --timeout 1 --json");
    let child = command
        .stdout(stalled.try_clone().expect("the pipe"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    Outcome::of(child).assert_error("timeout", 6);
    assert!(
        begin.elapsed() < Duration::from_secs(6),
        "{:?}",
        begin.elapsed()
    );
    // Nobody reads stderr either.
    for args in ["availability -vv --timeout 1", "availability -vv"] {
        let mut command = member.command(args);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(stalled.try_clone().expect("the pipe"))
            .spawn()
            .expect("it");
        let code = if args.len() > 2 { 6 } else { 130 };
        if code == 130 {
            interrupt_child(&mut child);
        }
        assert_eq!(
            child.wait().expect("it ends").code(),
            Some(code),
            "{args:?}"
        );
    }
}

#[test]
fn ctrl_c_while_waiting_for_the_portal_is_told_as_json() {
    let club = club().fault(Fault::Never).start();
    let member = Member::of(&club);
    let mut command = member.command("availability --json");
    command.stdout(Stdio::piped());
    let outcome = interrupt(command);
    outcome.assert_error("interrupted", 130);
    assert!(outcome.stderr.starts_with("{\"error\":"), "{outcome:?}");
}
