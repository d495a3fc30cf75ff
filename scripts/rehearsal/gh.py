#!/usr/bin/env python3
"""A stand-in for GitHub's `gh`, as far as the release workflow and the guides call it. An option that they do not use is an error.

GH_STAND_IN names the directory that is GitHub: below `releases` a directory of files and a NAME.json for each release, and
`attestations.json`, which `attest` writes.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path


class Refused(Exception):
    """Ends the program with a sentence."""


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def attest(github, files, claims):
    """What actions/attest does: notes who built these files, from what."""
    noted = github / "attestations.json"
    known = json.loads(noted.read_text()) if noted.exists() else {}
    noted.write_text(json.dumps(known | {digest(file): claims for file in files}))


class Release:
    def __init__(self, github, tag):
        self.files, self.about = github / "releases" / tag, github / "releases" / f"{tag}.json"

    def read(self):
        if not self.about.exists():
            raise Refused("release not found")
        return json.loads(self.about.read_text())

    def write(self, about):
        self.files.mkdir(parents=True, exist_ok=True)
        self.about.write_text(json.dumps(about))


def parse(words):
    parser = argparse.ArgumentParser(prog="gh", allow_abbrev=False)
    groups = parser.add_subparsers(dest="group", required=True)
    verify = groups.add_parser("attestation").add_subparsers(dest="command", required=True).add_parser("verify", allow_abbrev=False)
    verify.add_argument("file", type=Path)
    verify.add_argument("--repo", required=True)
    verify.add_argument("--source-ref")
    verify.add_argument("--signer-workflow", required=True)
    commands = groups.add_parser("release").add_subparsers(dest="command", required=True)
    release = {}
    for name in ("view", "create", "download", "upload", "edit"):
        release[name] = commands.add_parser(name, allow_abbrev=False)
        release[name].add_argument("tag")
    release["view"].add_argument("--json", choices=["isDraft"], required=True)
    release["view"].add_argument("--jq", choices=[".isDraft"], required=True)
    release["create"].add_argument("--draft", action="store_true", required=True)
    for name in ("create", "edit"):
        release[name].add_argument("--verify-tag", action="store_true", required=True)
    release["create"].add_argument("--prerelease", choices=["true", "false"], required=True)
    for option in ("--title", "--notes"):
        release["create"].add_argument(option, required=True)
    release["download"].add_argument("--dir", type=Path, required=True)
    release["upload"].add_argument("--clobber", action="store_true")
    release["upload"].add_argument("files", nargs="+", type=Path)
    release["edit"].add_argument("--draft", choices=["false"], required=True)
    return parser.parse_args(words)


def verify(github, args):
    known = json.loads((github / "attestations.json").read_text()).get(digest(args.file), {})
    asked = {"repo": args.repo, "workflow": args.signer_workflow, "ref": args.source_ref or known.get("ref")}
    if asked != known:
        raise Refused(f"no attestation of {args.file} is that of {asked}")


def act(github, args):
    release = Release(github, args.tag)
    if args.command == "create":
        if release.about.exists():
            raise Refused("a release of this tag exists")
        release.write({"isDraft": True, "isPrerelease": args.prerelease == "true"})
        return
    about = release.read()
    if args.command == "view":
        print(json.dumps(about["isDraft"]))
    elif args.command == "edit":
        release.write(about | {"isDraft": False})
    elif args.command == "download":
        shutil.copytree(release.files, args.dir)
    else:
        # As of a release that is immutable once it is published.
        if not about["isDraft"]:
            raise Refused("the release is published")
        for file in args.files:
            if (release.files / file.name).exists() and not args.clobber:
                raise Refused(f"{file.name} is there")
            shutil.copy(file, release.files)


def main():
    args, github = parse(sys.argv[1:]), Path(os.environ["GH_STAND_IN"])
    try:
        if args.group == "attestation":
            verify(github, args)
        elif not (os.environ.get("GH_TOKEN") and os.environ.get("GH_REPO")):
            raise Refused("GH_TOKEN and GH_REPO say who asks, and for which repository")
        else:
            act(github, args)
    except Refused as refused:
        sys.exit(f"gh: {refused}")


if __name__ == "__main__":
    main()
