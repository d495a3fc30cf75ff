"""The rehearsal of the release workflow from the tag to a member's machine, as scripts/rehearse-workflow says."""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import gh, workflow
from .common import ROOT, TARGET

REPOSITORY, TAG = "OWNER/REPO", "v0.1.0"
BUILT = ["skill-bin/padel-x86_64-linux", "skill-bin/padel-aarch64-linux", "function/padel-slack-x86_64.zip", "function/padel-slack-arm64.zip"]
MAC = ["padel-aarch64-darwin", "padel-x86_64-darwin"]

# Steps of a job that this rehearsal leaves to others: what a machine gets, and what .ci/run does in steps of its own.
ELSEWHERE = {
    "build": {
        "compilers, and what tests need": "apt", "the tests": "scripts/test",
        "the static binaries, and the zips of the bridge's functions": "scripts/build-musl",
        "the release tool": "target/debug has it", "they run where nothing else is": "scripts/check-static", "rehearse": "scripts/rehearse",
    },
    "attach": {}, "publish": {"publish": "workflow.py", "smoke": "workflow.py", "pin": "workflow.py"}, "announce": {},
}


def fail(message):
    sys.exit(f"rehearse-workflow: {message}")


class Stage:
    """GitHub as a directory, and what its runner gives to a step."""

    def __init__(self, scratch, jobs, tag=TAG):
        self.jobs, self.tag, self.github = jobs, tag, scratch / "github"
        self.artifacts, self.programs = scratch / "artifacts", scratch / "programs"
        self.programs.mkdir()
        (self.programs / "gh").symlink_to(ROOT / "scripts/rehearsal/gh.py")
        self.scratch, self.count, self.ran = scratch, 0, set()

    def variables(self):
        ref = f"refs/tags/{self.tag}"
        return {
            "PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": os.environ["HOME"], "GH_STAND_IN": str(self.github),
            "GITHUB_REF": ref, "GITHUB_REF_NAME": self.tag, "GITHUB_REPOSITORY": REPOSITORY,
        }

    def context(self, name):
        return {"github.token": "a token", "github.repository": REPOSITORY}[name]

    def run(self, job, directory):
        """Runs a job's steps in a directory: its own commands, and what its actions do."""
        self.ran |= {f"{job}: {step['name']}" for step in self.jobs[job]["steps"] if self.is_ours(job, step)}
        for step in self.jobs[job]["steps"]:
            action = step.get("uses", "").partition("@")[0]
            if action == "actions/download-artifact":
                shutil.copytree(self.artifacts / step["with"]["name"], directory / step["with"]["path"], dirs_exist_ok=True)
            elif action == "actions/upload-artifact":
                shutil.copytree(directory / step["with"]["path"], self.artifacts / step["with"]["name"])
            elif action == "actions/attest":
                self.attest(directory.glob(step["with"]["subject-path"]))
            elif action and action not in ("actions/checkout", "aws-actions/configure-aws-credentials"):
                fail(f"{job} uses {action}, which is not rehearsed")
            elif self.is_ours(job, step):
                given = {name: workflow.expand(text, self.context) for name, text in step.get("env", {}).items()}
                done = subprocess.run(["bash", "-e", "-c", step["run"]], env=self.variables() | given, cwd=directory, text=True, capture_output=True)
                if done.returncode:
                    fail(f"{job}, {step['name']}: exit code {done.returncode}\n{done.stdout}{done.stderr}")

    def is_ours(self, job, step):
        return "run" in step and step["name"] not in ELSEWHERE[job]

    def attest(self, files):
        self.github.mkdir(exist_ok=True)
        claims = {"repo": REPOSITORY, "workflow": f"{REPOSITORY}/.github/workflows/release.yml", "ref": f"refs/tags/{self.tag}"}
        gh.attest(self.github, files, claims)

    def directory(self):
        """A runner's, which is empty."""
        self.count += 1
        made = self.scratch / f"runner-{self.count}"
        made.mkdir()
        return made

    def release(self):
        """What GitHub shows of the release."""
        return json.loads((self.github / "releases" / f"{self.tag}.json").read_text())

    def refuses(self, job, why):
        try:
            self.run(job, self.directory())
        except SystemExit as refused:
            if why not in str(refused):
                fail(f"{job} should fail for `{why}`: {refused}")
        else:
            fail(f"{job} went through: `{why}`")


def build(stage):
    """The build job, in a clone that has what the compilers make."""
    checkout = stage.directory() / "checkout"
    subprocess.run(["git", "clone", "--quiet", ROOT, checkout], check=True)
    for path in ["Cargo.toml", ".github/workflows/release.yml"]:
        shutil.copy(ROOT / path, checkout / path)
    for name in BUILT:
        (checkout / "target" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "target" / name, checkout / "target" / name)
    (checkout / "target/release").mkdir()
    shutil.copy(TARGET / "debug/padel-ops", checkout / "target/release")
    stage.run("build", checkout)
    # The other two builds are those of other machines.
    shutil.copytree(stage.artifacts / "release", stage.artifacts / "again")
    (stage.artifacts / "mac").mkdir()
    for name in MAC:
        (stage.artifacts / "mac" / name).write_bytes(b"\0" + name.encode())


def attach(stage):
    """Compares, attests and attaches; again while it is a draft; not where two builds differ."""
    odd = stage.artifacts / "again/pslc-padel.zip"
    whole = odd.read_bytes()
    odd.write_bytes(whole + b"\n")
    stage.refuses("attach", "pslc-padel.zip differ")
    odd.write_bytes(whole)
    if stage.github.exists():
        fail("builds that differ were attested or attached")
    for _ in range(2):
        stage.run("attach", stage.directory())
    if stage.release() != {"isDraft": True, "isPrerelease": False}:
        fail(f"before it is pinned, the release is {stage.release()}")


def announce(stage):
    """Publishes the release; every job of it can be run again, and refuses other files."""
    for _ in range(2):
        stage.run("announce", stage.directory())
    if stage.release()["isDraft"]:
        fail("the release is still a draft")
    stage.run("attach", stage.directory())
    other = stage.artifacts / "mac" / MAC[0]
    whole = other.read_bytes()
    other.write_bytes(b"\0another build")
    stage.refuses("attach", f"{MAC[0]} differ")
    other.write_bytes(whole)


def refuse_forged(stage):
    """The publishing job takes nothing that this workflow has not attested for this tag."""
    odd = stage.artifacts / "release/pslc-padel.zip"
    whole = odd.read_bytes()
    odd.write_bytes(whole + b"\n")
    stage.refuses("publish", "no attestation of out/pslc-padel.zip")
    odd.write_bytes(whole)
    stage.tag = "v0.0.9"
    stage.refuses("publish", "no attestation of out/padel-ops")
    stage.tag = TAG


def pre_release(stage):
    """A pre-release is marked as one."""
    stage.tag = "v9.9.9-rc.1"
    stage.run("attach", stage.directory())
    if stage.release() != {"isDraft": True, "isPrerelease": True}:
        fail(f"a pre-release is {stage.release()}")
    stage.tag = TAG


def shown(document, program):
    """The commands of a program that a document shows."""
    return re.findall(rf"^\$ ({program} .*)$", (ROOT / document).read_text(), re.M)


def check_files(stage):
    """What is on the page is what the guides name, and what was built."""
    page = stage.github / "releases" / TAG
    there = {path.name for path in page.iterdir()}
    named = set(re.findall(r"^\| .* \| `(padel-\S+)` \|$", (ROOT / "docs/install.md").read_text(), re.M))
    named |= {f"padel-slack-{arch}.zip" for arch in ("arm64", "x86_64")} | {"SHA256SUMS", "pslc-padel.zip"}
    if len(named) != 8 or not named <= there:
        fail(f"the guides name {sorted(named)}, the page has {sorted(there)}")
    for name in BUILT:
        if not filecmp.cmp(ROOT / "target" / name, page / Path(name).name, shallow=False):
            fail(f"{name} is not what was attached")
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=page, check=True)
    if len((page / "SHA256SUMS").read_text().splitlines()) != len(there) - 1:
        fail("SHA256SUMS does not list every file")
    # The attestation checks of the guides, by somebody who has only downloaded the file.
    checks = [line for document in ("docs/install.md", "deploy/github/README.md") for line in shown(document, "gh")]
    if len(checks) != 2:
        fail(f"the guides show {checks}")
    for line in checks:
        done = subprocess.run(["bash", "-c", line], env=stage.variables(), cwd=page, text=True, capture_output=True)
        if done.returncode:
            fail(f"{line}: {done.stderr}")
    forged = stage.directory()
    for line in checks:
        (forged / line.split()[3]).write_text("forged")
        if subprocess.run(["bash", "-c", line], env=stage.variables(), cwd=forged, capture_output=True).returncode == 0:
            fail(f"{line}: a forged file passes")
    return there


def install(stage):
    """A member takes the two lines of the guide from the page."""
    page = [sys.executable, "-B", ROOT / "scripts/rehearsal/release_page.py", stage.github / "releases" / TAG, "--tag", TAG]
    member = stage.directory()
    with subprocess.Popen(page, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = server.stdout.readline().strip()
            for line in shown("docs/install.md", "curl") + shown("docs/install.md", "sha256sum"):
                line = line.replace("https://github.com", url)
                subprocess.run(["sh", "-c", line], env={"PATH": os.environ["PATH"], "HOME": str(member)}, cwd=member, check=True, capture_output=True)
        finally:
            server.terminate()
    installed = member / ".local/bin/padel"
    if os.uname().machine == "x86_64":
        return workflow.run([installed, "--version"], {}, member).strip()
    return f"{installed.stat().st_size} bytes of padel"


def main():
    import yaml  # from target/zizmor-venv; the tests of this file need none

    missing = [name for name in BUILT if not (ROOT / "target" / name).exists()]
    if missing:
        fail(f"target/{missing[0]} is missing: run scripts/build-musl, and scripts/build-musl --function")
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    order = {name: job.get("needs", []) for name, job in jobs.items()}
    if order != {"build": [], "again": [], "mac": [], "attach": ["build", "again", "mac"], "publish": "attach", "announce": "publish"}:
        fail(f"the jobs need each other so: {order}")
    with tempfile.TemporaryDirectory() as scratch:
        stage = Stage(Path(scratch), jobs)
        build(stage)
        attach(stage)
        refuse_forged(stage)
        publisher = stage.directory()
        stage.run("publish", publisher)
        workflow.rehearse_both(jobs["publish"], workflow.pack_older(Path(scratch)), publisher / "out")
        announce(stage)
        pre_release(stage)
        print(*sorted(stage.ran), sep="\n")
        files = check_files(stage)
        print(f"released: {', '.join(sorted(files))}")
        print(f"a member's two lines install {install(stage)}; the function's zips are what scripts/build-musl made")


if __name__ == "__main__":
    main()
