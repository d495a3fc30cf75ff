//! `pack`: the upload layout from the skill's source and the binaries, checked before any of it
//! appears in `dist/`.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use crate::{
    SKILL, archive,
    cli::{self, Arch},
    error::{Code, Error, unwritable},
    findings::Findings,
    manifest::Manifest,
    output::PackReport,
    rules::{self, Options},
    source::{self, File, Tree},
    steps::check,
    sums,
};

/// Packs what the command line names.
///
/// # Errors
///
/// `usage` when the source or a binary is missing, or something else is where the result belongs;
/// `internal` when it cannot be written. Broken rules are in the report, and then nothing was
/// written.
pub fn pack_skill(step: &cli::Packing, arches: &cli::Arches) -> Result<PackReport, Error> {
    let options = Options {
        arches: arches.wanted(),
        run: true,
    };
    let mut findings = Findings::default();
    let Some(mut tree) = source::read_directory(&step.skill_dir, &mut findings)? else {
        return Ok(PackReport::new(Vec::new(), None, findings));
    };
    // Leftovers in the source would pass for what pack makes.
    for path in tree
        .files
        .keys()
        .filter(|path| *path == sums::FILE || path.starts_with("bin/"))
    {
        findings.violation(path, "layout", "remove it from the source: pack makes it");
    }
    SKILL.clone_into(&mut tree.top);
    for arch in &options.arches {
        let data = read_binary(&step.bin_dir, *arch)?;
        tree.files.insert(arch.binary(), File { mode: None, data });
    }
    let sums = sums::list_sums(&tree).into_bytes();
    tree.files.insert(
        sums::FILE.to_owned(),
        File {
            mode: None,
            data: sums,
        },
    );
    // Modes are the layout's, whatever a checkout or umask made of them.
    tree.files
        .iter_mut()
        .for_each(|(path, file)| file.mode = Some(rules::file_mode(path)));
    let zip = archive::write_zip(&tree).map_err(|error| {
        let hint = "report this with the command you ran";
        Error::new(
            Code::Internal,
            format!("the zip could not be made: {error}"),
            hint,
        )
    })?;

    let names = [
        format!("{SKILL}.zip"),
        SKILL.to_owned(),
        format!("{SKILL}.manifest.json"),
    ];
    for name in &names {
        may_replace(&step.out.join(name))?;
    }
    fs::create_dir_all(&step.out).map_err(|error| unwritable(&step.out, &error))?;
    let staged = tempfile::Builder::new()
        .prefix(".padel-ops-")
        .tempdir_in(&step.out);
    let staged = staged.map_err(|error| unwritable(&step.out, &error))?;
    let manifest =
        Manifest::new(&tree, &zip, &step.skill_dir).with_earlier(&step.out.join(&names[2]));
    stage_files(staged.path(), &names, &tree, &zip, &manifest)
        .map_err(|error| unwritable(&step.out, &error))?;

    // What is checked is what was written, by the rules that hold for anyone's.
    for name in &names[..2] {
        let checked = check::check_path(&staged.path().join(name), &options)?.into_findings();
        findings.violations.extend(checked.violations);
        findings.warnings.extend(checked.warnings);
    }
    if !findings.violations.is_empty() {
        return Ok(PackReport::new(Vec::new(), None, findings));
    }
    for name in &names {
        let to = step.out.join(name);
        // A directory is not replaced by renaming: the old one goes with what is left of the
        // staging.
        if to.is_dir() {
            fs::rename(&to, staged.path().join("old")).map_err(|error| unwritable(&to, &error))?;
        }
        fs::rename(staged.path().join(name), &to).map_err(|error| unwritable(&to, &error))?;
    }
    let written = names
        .iter()
        .map(|name| step.out.join(name).display().to_string());
    Ok(PackReport::new(written.collect(), Some(manifest), findings))
}

fn read_binary(dir: &Path, arch: Arch) -> Result<Vec<u8>, Error> {
    let path = dir.join(format!("padel-{}-linux", arch.name()));
    source::read_bounded(&path).map_err(|error| {
        let message = format!(
            "no binary for {}: `{}`: {error}",
            arch.name(),
            path.display()
        );
        let other = if arch == Arch::Aarch64 {
            Arch::X86_64
        } else {
            Arch::Aarch64
        };
        let hint = format!(
            "build it, name its directory with --bin-dir, or pack with --arch {} alone",
            other.name()
        );
        Error::new(Code::Usage, message, hint)
    })
}

/// Only what an earlier pack made is replaced, files by files, directories that hold sums by
/// directories: never the source, whatever `--out` says.
fn may_replace(target: &Path) -> Result<(), Error> {
    let Ok(about) = fs::symlink_metadata(target) else {
        return Ok(());
    };
    let ours = if target.ends_with(SKILL) {
        target.join(sums::FILE).is_file() && about.is_dir()
    } else {
        about.is_file()
    };
    if ours {
        return Ok(());
    }
    let message = format!(
        "`{}` is in the way and was not made by pack",
        target.display()
    );
    let hint = "move it away, or give another --out";
    Err(Error::new(Code::Usage, message, hint))
}

fn write_file(path: &Path, data: &[u8], mode: u32) -> io::Result<()> {
    fs::write(path, data)?;
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Writes zip, directory and manifest, with the same modes under any umask.
fn stage_files(
    dir: &Path,
    names: &[String; 3],
    tree: &Tree,
    zip: &[u8],
    manifest: &Manifest,
) -> io::Result<()> {
    write_file(&dir.join(&names[0]), zip, 0o644)?;
    let manifest = serde_json::to_string_pretty(manifest)? + "\n";
    write_file(&dir.join(&names[2]), manifest.as_bytes(), 0o644)?;
    let root = dir.join(&names[1]);
    for (path, file) in &tree.files {
        let path = root.join(path);
        let parents: Vec<&Path> = path
            .ancestors()
            .skip(1)
            .take_while(|parent| *parent != dir)
            .collect();
        for parent in parents.into_iter().rev().filter(|parent| !parent.exists()) {
            fs::create_dir(parent)?;
            fs::set_permissions(parent, Permissions::from_mode(0o755))?;
        }
        write_file(&path, &file.data, file.mode.unwrap_or(0o644))?;
    }
    Ok(())
}
