//! A small skill like ours, binaries made by hand, and the tool to run on them.

use std::{
    fs,
    io::{Cursor, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use sha2::{Digest as _, Sha256};
use zip::{System, ZipWriter, write::SimpleFileOptions};

use crate::documents;

pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
pub(crate) const X86_64: u8 = 62;
pub(crate) const AARCH64: u8 = 183;

/// `mov eax,1; mov edi,1; lea rsi,[rip+16]; mov edx,length; syscall; mov eax,60; xor edi,edi;
/// syscall`, then the text.
fn write_and_exit(text: &str) -> Vec<u8> {
    let mut code = vec![
        0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0x48, 0x8d, 0x35, 16, 0, 0, 0, 0xba,
    ];
    code.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    code.extend([0x0f, 0x05, 0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05]);
    code.extend(text.bytes());
    code
}

/// A static ELF program that prints `padel VERSION`, on x86-64 at least, and holds the user agent.
pub(crate) fn program(machine: u8, version: &str) -> Vec<u8> {
    elf(
        machine,
        &write_and_exit(&format!("padel {version}\n\0padel/{version}")),
        &[],
    )
}

/// One loaded segment with the code; further headers are (type, content).
pub(crate) fn elf(machine: u8, code: &[u8], more: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let count = 1 + more.len();
    let start = 64 + 56 * count;
    let total = start + code.len() + more.iter().map(|(_, content)| content.len()).sum::<usize>();
    let base = 0x40_0000_u64;
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    file.resize(16, 0);
    file.extend([2, 0, machine, 0, 1, 0, 0, 0]);
    file.extend((base + start as u64).to_le_bytes());
    file.extend(64_u64.to_le_bytes());
    file.extend([0; 12]);
    file.extend([
        64,
        0,
        56,
        0,
        u8::try_from(count).unwrap(),
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    let mut header = |kind: u32, offset: u64, size: u64| {
        file.extend(kind.to_le_bytes());
        file.extend(5_u32.to_le_bytes());
        for value in [offset, base + offset, base + offset, size, size, 4096] {
            file.extend(value.to_le_bytes());
        }
    };
    header(1, 0, total as u64);
    let mut at = start + code.len();
    for (kind, content) in more {
        header(*kind, at as u64, content.len() as u64);
        at += content.len();
    }
    file.extend(code);
    more.iter().for_each(|(_, content)| file.extend(content));
    file
}

pub(crate) fn front_matter(version: &str) -> String {
    format!(
        "---\nname: pslc-padel\ndescription: Free courts.\nmetadata:\n  version: \"{version}\"\n---\n\n# Padel\n"
    )
}

/// Source and binaries in one directory: `skill/` and `bin/`.
pub(crate) fn source(root: &Path) {
    for (path, content) in [
        ("skill/SKILL.md", front_matter(VERSION).as_bytes()),
        (
            "skill/config.toml",
            b"club = \"brunelsport\"\nsites = [\"UB\"]\n",
        ),
        ("skill/scripts/padel", b"#!/bin/sh\nexit 0\n"),
        ("skill/references/errors.md", b"# Errors\n"),
        ("bin/padel-x86_64-linux", &program(X86_64, VERSION)),
        ("bin/padel-aarch64-linux", &program(AARCH64, VERSION)),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

/// One file of a skill that a test builds itself.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) mode: u32,
    pub(crate) data: Vec<u8>,
}

/// A whole skill of ours, right in every way.
#[derive(Clone)]
pub(crate) struct Skill(pub(crate) Vec<Entry>);

impl Skill {
    pub(crate) fn ours() -> Self {
        let mut skill = Self(Vec::new());
        skill.add("SKILL.md", front_matter(VERSION));
        skill.add("bin/padel-aarch64-linux", program(AARCH64, VERSION));
        skill.add("bin/padel-x86_64-linux", program(X86_64, VERSION));
        skill.add("config.toml", "club = \"brunelsport\"\n");
        skill.add("references/errors.md", "# Errors\n");
        skill.add("scripts/padel", "#!/bin/sh\nexit 0\n");
        skill
    }

    /// One that says its version in a session, by way of a launcher that is as short as can be.
    pub(crate) fn speaking(note: &str) -> Self {
        let mut skill = Self::ours();
        skill.set(
            "scripts/padel",
            format!("#!/bin/sh\necho padel {VERSION}\n"),
        );
        skill.set("references/errors.md", note);
        skill
    }

    pub(crate) fn add(&mut self, path: &str, data: impl Into<Vec<u8>>) {
        let mode = if path.starts_with("bin/") || path == "scripts/padel" {
            0o755
        } else {
            0o644
        };
        self.0.push(Entry {
            path: format!("pslc-padel/{path}"),
            mode,
            data: data.into(),
        });
    }

    pub(crate) fn set(&mut self, path: &str, data: impl Into<Vec<u8>>) {
        self.remove(path);
        self.add(path, data);
    }

    pub(crate) fn remove(&mut self, path: &str) {
        self.0
            .retain(|entry| entry.path != format!("pslc-padel/{path}"));
    }

    pub(crate) fn entry(&mut self, path: &str) -> &mut Entry {
        self.0
            .iter_mut()
            .find(|entry| entry.path == format!("pslc-padel/{path}"))
            .unwrap()
    }

    /// Adds right sums.
    pub(crate) fn sealed(mut self) -> Self {
        self.0.sort_by(|one, other| one.path.cmp(&other.path));
        let line = |entry: &Entry| {
            let sum = sha256(&entry.data);
            format!("{sum}  {}\n", entry.path.trim_start_matches("pslc-padel/"))
        };
        let sums: String = self.0.iter().map(line).collect();
        self.add("SHA256SUMS", sums);
        self
    }

    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for entry in &self.0 {
            let options = SimpleFileOptions::default()
                .system(System::Unix)
                .unix_permissions(entry.mode);
            zip.start_file(&entry.path, options).unwrap();
            zip.write_all(&entry.data).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    pub(crate) fn unpack(&self, root: &Path) {
        for entry in &self.0 {
            let path = root.join(&entry.path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &entry.data).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(entry.mode)).unwrap();
        }
    }
}

pub(crate) fn sha256(data: &[u8]) -> String {
    Sha256::digest(data)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A command line: words with a space between them, or a list where a word holds a space.
pub(crate) trait Words {
    fn words(&self) -> Vec<String>;
}

impl Words for str {
    fn words(&self) -> Vec<String> {
        let words = self.split(' ').map(str::to_owned);
        words.filter(|_| !self.is_empty()).collect()
    }
}

impl Words for String {
    fn words(&self) -> Vec<String> {
        self.as_str().words()
    }
}

impl<T: AsRef<str>> Words for [T] {
    fn words(&self) -> Vec<String> {
        self.iter().map(|word| word.as_ref().to_owned()).collect()
    }
}

impl<T: AsRef<str>> Words for Vec<T> {
    fn words(&self) -> Vec<String> {
        self.as_slice().words()
    }
}

impl<T: AsRef<str>, const N: usize> Words for [T; N] {
    fn words(&self) -> Vec<String> {
        self.as_slice().words()
    }
}

impl<T: Words + ?Sized> Words for &T {
    fn words(&self) -> Vec<String> {
        (**self).words()
    }
}

/// Runs the tool in this directory.
pub(crate) fn tool(directory: &Path, args: impl Words) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_padel-ops"))
        .current_dir(directory)
        .args(args.words())
        .output()
        .unwrap();
    documents::keep(&output.stdout);
    documents::keep(&output.stderr);
    output
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Checks a zip; its lines and exit code.
pub(crate) fn check_zip(zip: &[u8]) -> (String, Option<i32>) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("skill.zip"), zip).unwrap();
    let output = tool(place.path(), "check skill.zip --run");
    (stdout(&output), output.status.code())
}

/// Checks an unpacked skill; its lines and exit code.
pub(crate) fn check_directory(skill: &Skill) -> (String, Option<i32>) {
    let place = tempfile::tempdir().unwrap();
    skill.unpack(place.path());
    let output = tool(place.path(), "check pslc-padel --run");
    (stdout(&output), output.status.code())
}

/// Every file below a directory, with modes.
pub(crate) fn files(root: &Path) -> Vec<(PathBuf, u32, Vec<u8>)> {
    let mut found = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(directory) = todo.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            let data = if path.is_dir() {
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            found.push((path.strip_prefix(root).unwrap().to_owned(), mode, data));
            if path.is_dir() {
                todo.push(path);
            }
        }
    }
    found.sort();
    found
}
