//! `docs/install.md`, from the page of a release to nothing left of padel: a stand-in for the page,
//! the member's own curl, sha256sum and shell.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::symlink,
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    docs::{read, shown_commands},
    harness::{Member, Outcome, binary, club, member, mode, succeeds},
};

const GUIDE: &str = "docs/install.md";
/// The guide's own example.
const FILE: &str = "padel-x86_64-linux";
const INSTALLED: &str = ".local/bin/padel";

/// A release on a page, of the binary under test.
struct Page {
    files: TempDir,
    server: Option<Child>,
    url: String,
}

impl Page {
    fn start() -> Self {
        let files = tempfile::tempdir().expect("a temporary directory");
        symlink(binary(), files.path().join(FILE)).expect("a link");
        fs::write(files.path().join("pslc-padel.zip"), "the skill").expect("a file");
        let mut page = Self {
            files,
            server: None,
            url: String::new(),
        };
        // As the release workflow does.
        let sums = "cd \"$0\" && sha256sum -- * >SHA256SUMS";
        let mut shell = Command::new("sh");
        assert!(succeeds(shell.args(["-c", sums]).arg(page.files.path())));
        page.serve(&[]);
        page
    }

    /// Serves the files from now on, with options of the stand-in.
    fn serve(&mut self, options: &[&str]) {
        self.stop();
        let script =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/rehearsal/release_page.py");
        let mut server = Command::new("python3")
            .arg("-B")
            .arg(script)
            .arg(self.files.path())
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        let stdout = server.stdout.as_mut().expect("its stdout");
        self.url.clear();
        BufReader::new(stdout)
            .read_line(&mut self.url)
            .expect("its URL");
        self.server = Some(server);
    }

    fn stop(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().expect("it runs");
            server.wait().expect("it ends");
        }
    }

    /// Runs a command of the guide on this page.
    fn run(&self, member: &Member, command: &str) -> Outcome {
        member.shell(&command.replace("https://github.com", self.url.trim()))
    }

    /// Runs the guide's two lines.
    fn install(&self, member: &Member) -> [Outcome; 2] {
        two_lines().map(|line| self.run(member, &line))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The first commands of the guide: the download, and the installation.
fn two_lines() -> [String; 2] {
    let guide = read(GUIDE);
    let mut lines = shown_commands(&guide);
    [lines.next(), lines.next()].map(|line| line.expect("two lines").to_owned())
}

/// Somebody in whose PATH programs of their own are.
fn newcomer() -> Member {
    let member = Member::new();
    with_own_programs(member)
}

fn with_own_programs(member: Member) -> Member {
    let path = format!("{}:/usr/bin:/bin", member.path(".local/bin").display());
    member.env("PATH", &path)
}

/// The files below a directory.
fn files_below(dir: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        if entry.path().is_dir() {
            files_below(&entry.path(), found);
        } else {
            found.push(entry.path().display().to_string());
        }
    }
}

#[test]
fn commands_of_the_install_guide_work() {
    let (page, club) = (Page::start(), club().start());
    let member = with_own_programs(member(&club));
    let guide = read(GUIDE);
    assert!(!guide.contains("sudo"), "a member is no administrator");
    let mut steps = Vec::new();
    for command in shown_commands(&guide) {
        let program = command.split(' ').next().expect("a program");
        // `scripts/conformance-binstall`, `scripts/rehearse-workflow` and `install.rs` run these.
        if ["cargo", "gh", "scripts/install"].contains(&program) {
            continue;
        }
        let command = command.replace("--club brunelsport", &format!("--club {}", club.url()));
        page.run(&member, &command).assert_success();
        steps.push(program.to_owned());
        if program == "sha256sum" {
            assert_eq!(mode(member.path(INSTALLED)), 0o755);
            let version = member.shell("padel --version").stdout;
            assert_eq!(version, concat!("padel ", env!("CARGO_PKG_VERSION"), "\n"));
            // What a member leaves on the machine.
            for use_of_it in ["padel login", "padel watch --weekday sat --once"] {
                member.shell(use_of_it).assert_success();
            }
        }
    }
    for step in ["curl", "sha256sum", "padel", "rm"] {
        assert!(steps.iter().any(|known| known == step), "{steps:?}");
    }
    let mut left = Vec::new();
    files_below(member.home.path(), &mut left);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_download_with_another_checksum_is_not_installed() {
    let page = Page::start();
    let file = page.files.path().join(FILE);
    fs::remove_file(&file).expect("a link");
    fs::write(&file, "#!/bin/sh\necho forged\n").expect("a file");
    let member = newcomer();
    let [download, install] = page.install(&member);
    download.assert_success();
    install.assert_stdout_has(&format!("{FILE}: FAILED"));
    assert_ne!(install.code, 0, "{install:?}");
    assert!(!member.path(INSTALLED).exists());
}

#[test]
fn a_download_that_is_not_in_the_list_is_not_installed() {
    let page = Page::start();
    let other = "0".repeat(64) + "  pslc-padel.zip\n";
    fs::write(page.files.path().join("SHA256SUMS"), other).expect("a file");
    let member = newcomer();
    let [download, install] = page.install(&member);
    download.assert_success();
    assert_ne!(install.code, 0, "{install:?}");
    assert!(!member.path(INSTALLED).exists());
}

#[test]
fn a_download_that_breaks_off_leaves_what_was_installed() {
    let mut page = Page::start();
    let member = newcomer().file(INSTALLED, "an older one");
    for name in [FILE, "SHA256SUMS"] {
        page.serve(&["--cut", name]);
        let [download, install] = page.install(&member);
        assert_ne!(download.code, 0, "{name}: {download:?}");
        assert_ne!(install.code, 0, "{name}: {install:?}");
        assert!(!member.path(FILE).exists(), "{name}");
        assert_eq!(member.read(INSTALLED), "an older one", "{name}");
    }
    page.serve(&[]);
    for outcome in page.install(&member) {
        outcome.assert_success();
    }
    member.shell("padel --version").assert_quiet_success();
}

#[test]
fn a_release_without_the_file_installs_nothing() {
    let page = Page::start();
    fs::remove_file(page.files.path().join(FILE)).expect("a link");
    let member = newcomer();
    for outcome in page.install(&member) {
        assert_ne!(outcome.code, 0, "{outcome:?}");
    }
    assert!(!member.path(INSTALLED).exists());
}

#[test]
fn the_guide_names_the_repository_of_the_manifest() {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let guide = read(GUIDE);
    let addresses = guide.matches("https://github.com/").count();
    assert!(addresses > 1, "{addresses}");
    assert_eq!(guide.matches(repository).count(), addresses, "{repository}");
    let (_, name) = repository.split_once("github.com/").expect("of GitHub");
    assert!(guide.contains(&format!("--repo {name} ")), "{name}");
}
