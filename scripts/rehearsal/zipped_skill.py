"""The skill's zip, as it is uploaded."""

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

from .common import ROOT, Failed, run

BINARIES = ROOT / "target/skill-bin"


def write_zip(given, work):
    """Writes work/pslc-padel.zip from a zip, a directory, or (`None`) this repository."""
    target = work / "pslc-padel.zip"
    if given and given.is_file():
        shutil.copy(given, target)
        return target
    tree = given or assemble(work / "assembled/pslc-padel")
    if not (tree / "SKILL.md").is_file():
        raise Failed(f"no skill at {tree}")
    # Stored, not deflated, as padel-ops packs it.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in [tree, *sorted(tree.rglob("*"))]:
            archive.write(path, Path("pslc-padel") / path.relative_to(tree))
    return target


def assemble(tree):
    """Puts the skill together as `padel-ops pack` does, from what scripts/build-musl made."""
    if not (BINARIES / "padel-x86_64-linux").is_file():
        run(ROOT / "scripts/build-musl", "x86_64")
    shutil.copytree(ROOT / "skill/pslc-padel", tree)
    (tree / "bin").mkdir()
    for binary in BINARIES.glob("padel-*-linux"):
        shutil.copy(binary, tree / "bin")
    (tree / "SHA256SUMS").write_text(checksums(tree))
    return tree


def checksums(tree):
    """One line per file, sorted by bytes, as sha256sum writes it."""
    paths = [path.relative_to(tree) for path in tree.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    return "".join(f"{hashlib.sha256((tree / path).read_bytes()).hexdigest()}  {path}\n" for path in sorted(paths, key=os.fsencode))
