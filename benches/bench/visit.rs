//! One question to a simulated club, asked by padel, curl and the Python client with the very same
//! requests.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use gladstone_sim::{Call, Club};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Setup,
    child::Program,
    series::{Series, run_in_turns},
};

/// Contenders, as the table calls them.
pub(crate) const PADEL: &str = "padel";
/// With the system's roots and the club's authority in one file: what a real club costs, and so the
/// comparison.
pub(crate) const CURL: &str = "curl";
/// With nothing but the club's authority to read.
pub(crate) const CURL_ONE_ROOT: &str = "curl, one root";
pub(crate) const PYTHON: &str = "Python";

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/reference_client.py");
/// The clock of clubs and clients.
pub(crate) const NOW: &str = "2026-11-23T09:00:00Z";
const DATE: &str = "2026-11-24";
/// The file that curl and Python read for a real club, where the machine has it.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A question, and how it is asked.
pub(crate) struct Question<'a> {
    pub(crate) activities: &'a str,
    pub(crate) days: u32,
    /// Nobody has a session yet.
    pub(crate) cold: bool,
    pub(crate) rounds: usize,
}

/// The runs of all contenders.
pub(crate) struct Outcome {
    series: Vec<(&'static str, Series)>,
    /// Bytes of the sessions' answer.
    pub(crate) body: u64,
    /// Free slots in the answer.
    pub(crate) free: u64,
}

impl Outcome {
    pub(crate) fn padel(&self) -> &Series {
        self.series_of(PADEL).unwrap()
    }

    pub(crate) fn series_of(&self, name: &str) -> Option<&Series> {
        Some(&self.series.iter().find(|(other, _)| *other == name)?.1)
    }
}

/// Lets all contenders ask; every run's requests are compared with the club's journal.
pub(crate) fn ask_club(club: &Club, setup: &Setup, question: &Question<'_>) -> Outcome {
    let home = TempDir::new().unwrap();
    let (cache, out) = (home.path().join("cache"), home.path().join("out"));
    let roots = write_roots(club, home.path());
    let env = environment(club, question, home.path(), roots.as_deref());
    let days = question.days.to_string();
    let period = ["--date", DATE, "--days", &days];

    // The first answers fill the caches, say what is to be asked, and are looked at.
    let args = [&["availability", "--json"][..], &period].concat();
    let mut contenders = vec![(PADEL, Program::new(&setup.padel, &args))];
    contenders[0].1.env.clone_from(&env);
    contenders[0].1.run(&out);
    let free = read_json(&out)["summary"]["free"].as_u64().unwrap();
    assert!(free > 0, "the club has no free court to find");
    let first = club.calls();
    let [.., anonymous, sessions] = first.as_slice() else {
        panic!("a cold run of padel makes two requests")
    };
    let wanted: Vec<String> = if question.cold {
        vec![anonymous.target.clone(), sessions.target.clone()]
    } else {
        vec![sessions.target.clone()]
    };
    let cookie = sessions.header("cookie").unwrap();

    let one_root = roots
        .as_ref()
        .map(|_| (CURL_ONE_ROOT, Some(club.ca_file())));
    for (name, roots) in [(CURL, roots.as_deref())].into_iter().chain(one_root) {
        let args = curl_args(&club.url(), &wanted, cookie, roots);
        let program = Program {
            path: "curl".into(),
            args,
            env: env.clone(),
        };
        contenders.push((name, program));
    }
    contenders[1].1.run(&out);
    let body = fs::metadata(&out).unwrap().len();
    assert!(read_json(&out).is_array(), "curl got no sessions");
    if let Some(python) = &setup.python {
        let mut python = Program::new(python, &[&[CLIENT][..], &period].concat());
        python.env.clone_from(&env);
        python.run(&out);
        let found = read_json(&out).as_array().unwrap().len();
        assert_eq!(
            u64::try_from(found).unwrap(),
            free,
            "padel and the Python client disagree"
        );
        contenders.push((PYTHON, python));
    }

    let mut seen = club.calls().len();
    let series = run_in_turns(
        &contenders,
        question.rounds,
        || {
            if question.cold {
                let _ = fs::remove_dir_all(&cache);
            }
        },
        |name| {
            let calls = club.calls().split_off(seen);
            seen += calls.len();
            check_requests(name, &calls, &wanted);
        },
    );
    Outcome { series, body, free }
}

/// Counts the instructions of padel's call for one day of one activity with a kept session, in
/// millions; `None` without `valgrind`. The same binary has the same count on any machine.
pub(crate) fn count_instructions(club: &Club, setup: &Setup) -> Option<f64> {
    let home = TempDir::new().unwrap();
    let question = Question {
        activities: "PADEL60",
        days: 1,
        cold: false,
        rounds: 1,
    };
    let args = ["availability", "--json", "--date", DATE, "--days", "1"];
    let mut padel = Program::new(&setup.padel, &args);
    padel.env = environment(club, &question, home.path(), None);
    padel.run(&home.path().join("out"));
    let counted = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(&padel.path)
        .args(&padel.args)
        .envs(padel.env)
        .output()
        .ok()?;
    assert!(counted.status.success(), "padel fails below valgrind");
    let told = String::from_utf8_lossy(&counted.stderr).into_owned();
    let count = told.split("Collected : ").nth(1)?;
    Some(count.split_whitespace().next()?.parse::<f64>().ok()? / 1e6)
}

/// All contenders make the same requests, on one connection.
fn check_requests(name: &str, calls: &[Call], wanted: &[String]) {
    let targets: Vec<&str> = calls.iter().map(|call| call.target.as_str()).collect();
    assert_eq!(targets, wanted, "{name} made other requests");
    for call in calls {
        assert_eq!(call.status, Some(200), "{name} was refused");
        assert_eq!(
            call.connection, calls[0].connection,
            "{name} took a second connection"
        );
    }
}

/// Writes the file that curl and Python read: the system's roots, as for a real club, and the
/// simulated authority.
fn write_roots(club: &Club, home: &Path) -> Option<PathBuf> {
    if !club.url().starts_with("https") {
        return None;
    }
    let file = home.join("roots.pem");
    fs::write(
        &file,
        fs::read_to_string(SYSTEM_ROOTS).unwrap_or_default() + "\n" + club.ca_pem(),
    )
    .unwrap();
    Some(file)
}

/// The same for all; padel reads the system's roots by itself, and so gets the simulated authority
/// only.
fn environment(
    club: &Club,
    question: &Question<'_>,
    home: &Path,
    roots: Option<&Path>,
) -> Vec<(&'static str, OsString)> {
    let mut env = vec![
        ("HOME", home.into()),
        ("XDG_CACHE_HOME", home.join("cache").into()),
        ("PADEL_NOW", NOW.into()),
        ("PSLC_CLUB", club.url().into()),
        ("PSLC_SITES", "UB".into()),
        ("PSLC_ACTIVITIES", question.activities.into()),
    ];
    if let Some(roots) = roots {
        env.extend([
            ("SSL_CERT_FILE", club.ca_file().into()),
            ("REQUESTS_CA_BUNDLE", roots.into()),
        ]);
    }
    env
}

/// One curl for all requests, so that the second goes over the first one's connection and brings
/// its cookie.
fn curl_args(url: &str, wanted: &[String], cookie: &str, roots: Option<&Path>) -> Vec<String> {
    // Without ~/.curlrc, as nobody has one in a sandbox.
    let mut args = vec!["-q".to_owned()];
    for (index, target) in wanted.iter().enumerate() {
        let last = index + 1 == wanted.len();
        args.extend(["-sSf", "--compressed", "-H", "Accept: application/json"].map(str::to_owned));
        if let Some(roots) = roots {
            args.extend(["--cacert".to_owned(), roots.display().to_string()]);
        }
        // The cookie itself, or an empty jar that the first answer fills.
        let cookie = if wanted.len() == 1 { cookie } else { "" };
        args.extend(["-b".to_owned(), cookie.to_owned(), format!("{url}{target}")]);
        if last {
            args.extend(["-H", "X-Use-Sso: 1"].map(str::to_owned));
        } else {
            args.push("--next".to_owned());
        }
    }
    args
}

fn read_json(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}
