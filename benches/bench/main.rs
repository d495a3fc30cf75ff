//! The benchmark behind `scripts/bench`: padel against `/bin/true`, `curl` and a Python client, in
//! one run.
//!
//! All are child processes, timed from spawn to exit, and take turns; the clubs are simulated in
//! this process. Nothing here is a test: figures depend on the machine, only the ratios of one run
//! mean something.
//!
//! - `child`: one run of one program.
//! - `series`: many runs, taking turns.
//! - `visit`: the question to a club, and the proof that all asked the same.
//! - `table`: the figures as Markdown.

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

mod child;
mod series;
mod table;
mod visit;

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    thread,
};

use gladstone_sim::Club;

use crate::{
    child::Program,
    series::run_in_turns,
    table::{Table, Target, to_megabytes},
    visit::{
        CURL, CURL_ONE_ROOT, NOW, Outcome, PADEL, PYTHON, Question, ask_club, count_instructions,
    },
};

const USAGE: &str = "scripts/bench [--rounds N] [--quick] [--padel FILE]";
/// The ids of all nine activities of the large answer.
const NINE: &str = "PADEL30,PADEL60,PADEL90,PADELX4,PADELX5,PADELX6,PADELX7,PADELX8,PADELX9";

/// The programs to be measured.
struct Setup {
    padel: PathBuf,
    python: Option<PathBuf>,
    rounds: usize,
}

fn main() -> ExitCode {
    if let Some(code) = child::run_helper() {
        return code;
    }
    let Some(setup) = Setup::from_args() else {
        eprintln!("usage: {USAGE}");
        return ExitCode::from(2);
    };
    let mut table = Table::default();
    measure_start_up(&setup, &mut table);
    measure_launcher(&setup, &mut table);
    let mut days = Vec::new();
    for (scheme, most) in [("http", 0.6), ("https", 1.0)] {
        let builder = Club::builder().now(NOW);
        let club = if scheme == "https" {
            builder.https().start()
        } else {
            builder.start()
        };
        for cold in [false, true] {
            let what = format!("one day, {}, {scheme}", if cold { "cold" } else { "warm" });
            eprintln!("{what} …");
            let question = Question {
                activities: "PADEL30,PADEL60,PADEL90",
                days: 1,
                cold,
                rounds: setup.rounds,
            };
            let outcome = ask_club(&club, &setup, &question);
            compare_all(&mut table, &what, &outcome, most);
            days.push(outcome);
        }
    }
    compare_memory(&mut table, &days);
    eprintln!("instructions …");
    if let Some(millions) = count_instructions(&Club::builder().now(NOW).start(), &setup) {
        let what = "one day of one activity, warm, http: instructions";
        table.add_figure(what, millions, "million", Target::AtMost(2.0));
    }
    let large = measure_large(&setup, &mut table);
    let size = fs::metadata(&setup.padel).unwrap().len();
    table.add_figure("size of the binary", to_megabytes(size), "MB", Target::None);

    println!(
        "`scripts/bench{}`: {}.\n",
        setup.format_options(),
        setup.describe_machine()
    );
    println!(
        "Times are medians of {} rounds ({} of `--version`, {} of the 28 days), in brackets the \
         10th percentile.",
        setup.rounds,
        setup.rounds_of_nothing(),
        setup.rounds_of_large(),
    );
    println!(
        "One day: {}; 28 days × 9 activities × 6 courts: {}.",
        describe_answer(&days[0]),
        describe_answer(&large)
    );
    println!("Over https curl and Python read the system's roots, as padel does.\n");
    println!("{}", table.render());
    ExitCode::SUCCESS
}

impl Setup {
    /// Reads the command line; `None` for one that it does not know.
    fn from_args() -> Option<Self> {
        let mut setup = Self {
            // A plain `cargo bench` measures the binary that Cargo made for it.
            padel: path_from_env("PADEL_BENCH_BINARY")
                .unwrap_or_else(|| env!("CARGO_BIN_EXE_padel").into()),
            python: path_from_env("PADEL_BENCH_PYTHON"),
            rounds: 40,
        };
        let mut args = env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                // Cargo's own.
                "--bench" => {}
                "--quick" => setup.rounds = 8,
                "--rounds" => {
                    setup.rounds = args.next()?.parse().ok().filter(|rounds| *rounds > 0)?;
                }
                "--padel" => setup.padel = args.next()?.into(),
                _ => return None,
            }
        }
        setup.padel = fs::canonicalize(&setup.padel).ok()?;
        Some(setup)
    }

    /// A start takes no time and differs by little.
    fn rounds_of_nothing(&self) -> usize {
        self.rounds * 5
    }

    /// A large answer takes long; enough for a median.
    fn rounds_of_large(&self) -> usize {
        (self.rounds / 4).max(3)
    }

    fn format_options(&self) -> String {
        env::args()
            .skip(1)
            .filter(|arg| arg != "--bench")
            .map(|arg| format!(" {arg}"))
            .collect()
    }

    fn describe_machine(&self) -> String {
        let cpus = thread::available_parallelism().map_or(0, usize::from);
        let programs = [
            Some(Path::new("rustc")),
            Some(Path::new("curl")),
            self.python.as_deref(),
        ];
        let versions: Vec<String> = programs
            .into_iter()
            .flatten()
            .filter_map(read_version)
            .collect();
        format!(
            "{cpus} CPUs, {} {}, {}",
            env::consts::OS,
            env::consts::ARCH,
            versions.join(", ")
        )
    }
}

fn path_from_env(name: &str) -> Option<PathBuf> {
    let (_, path) = env::vars_os().find(|(key, path)| key == name && !path.is_empty())?;
    Some(path.into())
}

/// The first two words of `--version`.
fn read_version(program: &Path) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    Some(words.join(" "))
}

fn measure_start_up(setup: &Setup, table: &mut Table) {
    eprintln!("start-up …");
    let contenders = [
        (PADEL, Program::new(&setup.padel, &["--version"])),
        ("`/bin/true`", Program::new("/bin/true", &[])),
    ];
    let series = run_in_turns(&contenders, setup.rounds_of_nothing(), || {}, |_| {});
    let [(_, padel), (name, other)] = series.as_slice() else {
        return;
    };
    table.add_time("start-up (`--version`)", padel, Target::AtMost(3.0));
    table.compare_times("start-up", padel, name, other, Target::AtMost(1.6));
}

/// Measures what the skill's launcher adds to a start: with the binary executable in place, and
/// with a copy that is there already.
fn measure_launcher(setup: &Setup, table: &mut Table) {
    eprintln!("launcher …");
    let root = tempfile::tempdir().unwrap();
    let contenders = [
        (PADEL, Program::new(&setup.padel, &["--version"])),
        (
            "in place",
            install_skill(setup, root.path(), "in-place", 0o755),
        ),
        ("copied", install_skill(setup, root.path(), "copied", 0o644)),
    ];
    let series = run_in_turns(&contenders, setup.rounds_of_nothing(), || {}, |_| {});
    let [(_, alone), launched @ ..] = series.as_slice() else {
        return;
    };
    for (name, launched) in launched {
        let more = launched.median().saturating_sub(alone.median());
        table.add_figure(
            &format!("the launcher adds, {name}"),
            more.as_secs_f64() * 1e3,
            "ms",
            Target::AtMost(5.0),
        );
    }
}

/// A skill's directory with the binary of that mode, started by its launcher.
fn install_skill(setup: &Setup, root: &Path, name: &str, mode: u32) -> Program {
    let (dir, binary) = (
        root.join(name),
        format!("bin/padel-{}-linux", env::consts::ARCH),
    );
    for part in ["bin", "scripts"] {
        fs::create_dir_all(dir.join(part)).unwrap();
    }
    let launcher = dir.join("scripts/padel");
    fs::copy("skill/pslc-padel/scripts/padel", &launcher).unwrap();
    fs::copy(&setup.padel, dir.join(&binary)).unwrap();
    fs::set_permissions(dir.join(&binary), PermissionsExt::from_mode(mode)).unwrap();
    let sum = Command::new("sha256sum")
        .arg(&binary)
        .current_dir(&dir)
        .output()
        .unwrap();
    fs::write(dir.join("SHA256SUMS"), sum.stdout).unwrap();
    let args = [&launcher.display().to_string(), "--version"];
    Program {
        env: vec![("HOME", root.into())],
        ..Program::new("/bin/sh", &args)
    }
}

fn compare_all(table: &mut Table, what: &str, outcome: &Outcome, most: f64) {
    let padel = outcome.padel();
    for (name, target) in [
        (CURL, Target::AtMost(most)),
        (CURL_ONE_ROOT, Target::None),
        (PYTHON, Target::Times(20.0)),
    ] {
        if let Some(other) = outcome.series_of(name) {
            table.compare_times(what, padel, name, other, target);
        }
    }
}

/// The day that takes padel the most memory, against the one that takes Python the least.
fn compare_memory(table: &mut Table, days: &[Outcome]) {
    let padel = days
        .iter()
        .map(|day| day.padel().peak_memory())
        .max()
        .unwrap();
    table.add_figure(
        "one day, peak memory",
        to_megabytes(padel),
        "MB",
        Target::AtMost(10.0),
    );
    if let Some(python) = days
        .iter()
        .filter_map(|day| Some(day.series_of(PYTHON)?.peak_memory()))
        .min()
    {
        table.compare_sizes(
            "one day, peak memory",
            padel,
            PYTHON,
            python,
            Target::AtMost(0.25),
        );
    }
}

fn measure_large(setup: &Setup, table: &mut Table) -> Outcome {
    let what = "28 days × 9 activities × 6 courts";
    eprintln!("{what} …");
    let club = Club::builder().now(NOW).activities(9).courts(6).start();
    let rounds = setup.rounds_of_large();
    let outcome = ask_club(
        &club,
        setup,
        &Question {
            activities: NINE,
            days: 28,
            cold: false,
            rounds,
        },
    );
    let padel = outcome.padel();
    if let Some(curl) = outcome.series_of(CURL) {
        table.compare_times(what, padel, CURL, curl, Target::AtMost(2.2));
    }
    if let Some(python) = outcome.series_of(PYTHON) {
        table.compare_times(what, padel, PYTHON, python, Target::Times(14.0));
    }
    let memory = format!("{what}, peak memory");
    table.compare_sizes(
        &memory,
        padel.peak_memory(),
        "the body",
        outcome.body,
        Target::AtMost(1.0),
    );
    if let Some(python) = outcome.series_of(PYTHON) {
        table.compare_sizes(
            &memory,
            padel.peak_memory(),
            PYTHON,
            python.peak_memory(),
            Target::None,
        );
    }
    outcome
}

fn describe_answer(outcome: &Outcome) -> String {
    format!(
        "{:.2} MB of JSON, {} free slots",
        to_megabytes(outcome.body),
        outcome.free
    )
}
