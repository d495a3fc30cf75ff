//! One question to a simulated club, asked by padel, curl and the Python client with the very same requests.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use gladstone_sim::{Call, Club};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    Setup,
    child::Program,
    series::{Series, race},
};

/// The clock of clubs and clients.
pub(crate) const NOW: &str = "2026-11-23T09:00:00Z";
const DATE: &str = "2026-11-24";
/// What curl and Python read for the real club, where the machine has it.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

/// What is asked, and how.
pub(crate) struct Question<'a> {
    pub(crate) activities: &'a str,
    pub(crate) days: u32,
    /// Whether nobody has a session yet.
    pub(crate) cold: bool,
    pub(crate) rounds: usize,
}

/// What the contenders took.
pub(crate) struct Result {
    pub(crate) padel: Series,
    /// With the system's roots and the club's authority in one file, as it is for a real club.
    pub(crate) curl: Series,
    /// With nothing but the club's authority.
    pub(crate) curl_one_root: Series,
    pub(crate) python: Option<Series>,
    /// Of the sessions' answer, in bytes.
    pub(crate) body: u64,
    pub(crate) free: u64,
}

/// Asks; every run's requests are compared with the club's journal.
pub(crate) fn visit(club: &Club, setup: &Setup, question: &Question<'_>) -> Result {
    let home = TempDir::new().unwrap();
    let (cache, roots) = (home.path().join("cache"), home.path().join("roots.pem"));
    let https = club.url().starts_with("https");
    if https {
        let system = fs::read_to_string(SYSTEM_ROOTS).unwrap_or_default();
        fs::write(&roots, system + "\n" + club.ca_pem()).unwrap();
    }
    let env = environment(club, question, home.path(), https.then_some(roots.as_path()));
    let program = |path: &Path, args: Vec<String>| Program { path: path.to_owned(), args, env: env.clone() };
    let days = || ["--date".to_owned(), DATE.to_owned(), "--days".to_owned(), question.days.to_string()];
    let padel = program(&setup.padel, ["availability".to_owned(), "--json".to_owned()].into_iter().chain(days()).collect());
    let python = setup.python.as_ref().map(|python| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/reference_client.py").to_owned();
        program(python, [script].into_iter().chain(days()).collect())
    });

    // The first answers: they fill the caches, say what is to be asked, and are looked at.
    let out = home.path().join("out");
    padel.run(&out);
    let free = json(&out)["summary"]["free"].as_u64().unwrap();
    assert!(free > 0, "the club has no free court to find");
    if let Some(python) = &python {
        python.run(&out);
        let found = json(&out).as_array().unwrap().len();
        assert_eq!(u64::try_from(found).unwrap(), free, "padel and the Python client disagree");
    }
    let first = club.calls().split_off(club.calls().len() - if python.is_some() { 4 } else { 2 });
    let token = first[1].header("cookie").unwrap().to_owned();
    let wanted = &first[if question.cold { 0 } else { 1 }..2];
    let curl = |roots: &Path| {
        let roots = https.then_some(roots);
        program(Path::new("curl"), curl_args(&club.url(), wanted, &token, roots))
    };
    let one_root = if https { club.ca_file().to_owned() } else { PathBuf::new() };
    let (curl, curl_one_root) = (curl(&roots), curl(&one_root));
    curl.run(&out);
    assert!(json(&out).is_array(), "curl got something else");
    let body = fs::metadata(&out).unwrap().len();

    let mut seen = club.calls().len();
    let before = |_| {
        if question.cold {
            let _ = fs::remove_dir_all(&cache);
        }
    };
    let after = |index| {
        let calls = club.calls().split_off(seen);
        seen += calls.len();
        let asked: Vec<String> = calls.iter().map(target).collect();
        assert_eq!(asked, wanted.iter().map(target).collect::<Vec<_>>(), "contender {index} asked for something else");
        let good = |call: &Call| call.status == Some(200) && call.connection == calls[0].connection;
        assert!(calls.iter().all(good), "contender {index} was refused, or used a second connection");
    };
    let rounds = question.rounds;
    // Over http there are no roots to tell two curls apart.
    let (padel, curl, curl_one_root, python) = match (&python, https) {
        (Some(python), true) => {
            let [a, b, c, d] = race([&padel, &curl, &curl_one_root, python], rounds, before, after);
            (a, b, c, Some(d))
        }
        (Some(python), false) => {
            let [a, b, d] = race([&padel, &curl, python], rounds, before, after);
            (a, b, Series::default(), Some(d))
        }
        (None, true) => {
            let [a, b, c] = race([&padel, &curl, &curl_one_root], rounds, before, after);
            (a, b, c, None)
        }
        (None, false) => {
            let [a, b] = race([&padel, &curl], rounds, before, after);
            (a, b, Series::default(), None)
        }
    };
    Result { padel, curl, curl_one_root, python, body, free }
}
