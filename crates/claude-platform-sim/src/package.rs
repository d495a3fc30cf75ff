//! An uploaded skill, unpacked and held against the documented rules of its layout.

mod front_matter;
mod yaml;

use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
};

use zip::{
    CompressionMethod, System, ZipArchive, ZipWriter,
    result::{ZipError, ZipResult},
    write::SimpleFileOptions,
};

use crate::{answer::Refusal, request::Part};

/// Uncompressed. Documented as 30 MB; that these are decimal is assumed.
const MAX_BYTES: usize = 30_000_000;

/// Seen of uploads at claude.ai; whether the API refuses more, too, is not established.
const MAX_FILES: usize = 200;

#[derive(Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Permission bits, as in `0o755`; `0o644` where the upload told none.
    pub mode: u32,
    pub bytes: Vec<u8>,
}

/// A skill's files and what its front matter says.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) description: String,
    /// By path below the top directory.
    pub(crate) files: BTreeMap<String, StoredFile>,
}

/// Without the bytes.
impl std::fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:o}, {} bytes", self.mode, self.bytes.len())
    }
}

impl Package {
    /// From the parts of an upload, all of them `files[]`: one zip, or every file on its own.
    pub(crate) fn from_parts(parts: &[Part]) -> Result<Self, Refusal> {
        match parts {
            [] => Err(Refusal::invalid("files[]: at least one file is required")),
            [part] if is_zip(part) => match part.content_type.as_deref() {
                Some("application/zip") => Self::from_zip(&part.bytes),
                _ => Err(Refusal::invalid(
                    "files[]: a zip must have the content type application/zip",
                )),
            },
            _ if parts.iter().any(is_zip) => Err(Refusal::invalid(
                "files[]: a zip must be the only file of the upload",
            )),
            _ => Self::from_files(parts),
        }
    }

    pub(crate) fn from_zip(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(refuse_zip)?;
        if archive.has_duplicate_names() {
            return Err(Refusal::invalid("the zip holds one path twice"));
        }
        let mut files = BTreeMap::new();
        let mut left = MAX_BYTES;
        for index in 0..archive.len() {
            let entry = archive.by_index(index).map_err(refuse_zip)?;
            if entry.is_symlink() {
                return Err(Refusal::invalid("the zip holds a symbolic link"));
            }
            if entry.is_dir() {
                continue;
            }
            let path = entry.name().map_err(refuse_zip)?.into_owned();
            let mode = entry.unix_mode().map_or(0o644, |mode| mode & 0o777);
            let mut bytes = Vec::new();
            // What an entry says about its size is not believed.
            let read = entry.take(left as u64 + 1).read_to_end(&mut bytes);
            read.map_err(|error| refuse_zip(error.into()))?;
            left = left.checked_sub(bytes.len()).ok_or_else(too_large)?;
            files.insert(path, StoredFile { mode, bytes });
        }
        Self::new(files)
    }

    fn from_files(parts: &[Part]) -> Result<Self, Refusal> {
        let mut files = BTreeMap::new();
        for part in parts {
            let path = part
                .filename
                .clone()
                .ok_or_else(|| Refusal::invalid("files[]: a part has no filename"))?;
            let file = StoredFile {
                mode: 0o644,
                bytes: part.bytes.to_vec(),
            };
            if files.insert(path, file).is_some() {
                return Err(Refusal::invalid(
                    "files[]: two parts have the same filename",
                ));
            }
        }
        if files.values().map(|file| file.bytes.len()).sum::<usize>() > MAX_BYTES {
            return Err(too_large());
        }
        Self::new(files)
    }

    /// By path, the top directory included.
    fn new(paths: BTreeMap<String, StoredFile>) -> Result<Self, Refusal> {
        if paths.len() > MAX_FILES {
            return Err(Refusal::invalid(format!(
                "at most {MAX_FILES} files are allowed, not {}",
                paths.len()
            )));
        }
        let mut files = BTreeMap::new();
        let mut top = None;
        for (path, file) in paths {
            let bad = path.contains('\\')
                || path
                    .split('/')
                    .any(|piece| matches!(piece, "" | "." | ".."));
            let Some((first, rest)) = path.split_once('/').filter(|_| !bad) else {
                return Err(Refusal::invalid(format!(
                    "`{path}` must be a path below one top directory"
                )));
            };
            if *top.get_or_insert_with(|| first.to_owned()) != first {
                return Err(Refusal::invalid(
                    "all files must be in the same top-level directory",
                ));
            }
            files.insert(rest.to_owned(), file);
        }
        let names = files.keys().map(|path| path.rsplit('/').next());
        let count = names.filter(|name| *name == Some("SKILL.md")).count();
        match (count, files.get("SKILL.md")) {
            (1, Some(skill)) => {
                let (name, description) = front_matter::parse(&skill.bytes)?;
                match top {
                    Some(top) if top == name => Ok(Self {
                        name,
                        description,
                        files,
                    }),
                    top => {
                        let top = top.unwrap_or_default();
                        Err(Refusal::invalid(format!(
                            "the top directory `{top}` must be named like the skill, `{name}`"
                        )))
                    }
                }
            }
            (0 | 1, _) => Err(Refusal::invalid(
                "SKILL.md is missing at the root of the top directory",
            )),
            (count, _) => Err(Refusal::invalid(format!(
                "exactly one SKILL.md is allowed, not {count}"
            ))),
        }
    }
}

/// The zip of a download: packed anew, so that nobody relies on getting the uploaded bytes back.
/// Modes are kept; whether the real platform keeps them is not established.
pub(crate) fn write_zip(top: &str, files: &BTreeMap<String, StoredFile>) -> ZipResult<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .system(System::Unix)
        .compression_method(CompressionMethod::Stored);
    for (path, file) in files {
        zip.start_file(format!("{top}/{path}"), options.unix_permissions(file.mode))?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Changes files as a platform may before it gives them back.
pub(crate) fn normalise_files(files: &mut BTreeMap<String, StoredFile>) {
    for file in files.values_mut() {
        file.mode = 0o644;
        if let Ok(text) = std::str::from_utf8(&file.bytes) {
            file.bytes = text.trim_end_matches('\n').as_bytes().to_vec();
        }
    }
    files.insert(
        "LICENSE.txt".to_owned(),
        StoredFile {
            mode: 0o644,
            bytes: b"All rights reserved.".to_vec(),
        },
    );
}

fn is_zip(part: &Part) -> bool {
    let name = part.filename.as_deref().unwrap_or_default();
    name.ends_with(".zip")
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn refuse_zip(error: ZipError) -> Refusal {
    Refusal::invalid(format!("the zip cannot be read: {error}"))
}

fn too_large() -> Refusal {
    Refusal::new(413, "the skill must be under 30 MB uncompressed")
}
