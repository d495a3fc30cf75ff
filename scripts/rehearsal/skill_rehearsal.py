"""The rehearsal of the skill, step by step, as scripts/rehearse says."""

import argparse
import base64
import datetime
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from . import sandbox as sandboxes
from .common import ENV_FILE, HOST, PASSWORD, PROXY_ESCAPED, PROXY_PASSWORD, PROXY_USER, PYTHON, ROOT, SKILLS, Failed, run, say
from .services import VENV, Services, install_mitmproxy
from .zipped_skill import write_zip

PASSES = 5


class Rehearsal:
    def __init__(self, sandbox, services):
        self.sandbox, self.services = sandbox, services
        self.said = []

    def padel(self, expected, *args):
        """Runs padel through the launcher, shows how its output begins, and checks the exit code."""
        command = ["sh", self.sandbox.launcher, *args]
        done = self.sandbox.run(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        print(f"\n$ {' '.join(command)}\nexit {done.returncode}")
        self.said.append(done.stdout)
        # Secrets must not be shown, not even by a rehearsal that finds them.
        if find_secret(done.stdout):
            raise Failed(f"a password is in the output of padel {' '.join(args)}")
        print("".join(f"  {line}\n" for line in done.stdout.splitlines()[:12]), end="", flush=True)
        if done.returncode != expected:
            raise Failed(f"padel {' '.join(args)}: exit {done.returncode} instead of {expected}")

    def shows(self, pattern):
        """A line of the last output must match."""
        if not re.search(pattern, self.said[-1], re.MULTILINE):
            raise Failed(f"the output lacks {pattern}")

    def check_isolation(self):
        say("no way out but the proxy")
        sandbox, services = self.sandbox, self.services
        print(sandbox.output("ip", "route"), end="")
        if sandbox.output("ip", "route", "show", "default"):
            raise Failed("the sandbox has a default route")
        for host, port in [("1.1.1.1", 443), ("127.0.0.1", services.club_port), (services.gateway, services.club_port)]:
            if sandbox.connects(host, port):
                raise Failed(f"{host}:{port} can be reached")
        if sandbox.run("getent", "hosts", HOST).returncode == 0:
            raise Failed(f"{HOST} resolves")
        if not sandbox.connects(services.gateway, services.proxy_port):
            raise Failed("the proxy cannot be reached")
        print("1.1.1.1:443, the club's port and DNS are out of reach; the proxy answers")

    def first_answer(self):
        say("the first answer")
        sandbox = self.sandbox
        sandbox.output(PYTHON, "-m", "zipfile", "-e", f"{sandbox.place}/client/pslc-padel.zip", f"{sandbox.place}{SKILLS}")
        sandbox.output("find", sandbox.skill, "-type", "f", "-exec", "chmod", "0644", "{}", "+")
        sandbox.make_skill_read_only()
        self.padel(0, "availability", "--date", "tomorrow")
        self.shows("· [1-9][0-9]* courts? free")
        self.services.require_call("/api/availability", 200)
        if sandbox.output("find", sandbox.skill, "-type", "f", "!", "-perm", "0644"):
            raise Failed("a file of the skill is not 0644")
        if sandbox.isolated and sandbox.run("touch", f"{sandbox.skill}/x", stderr=subprocess.DEVNULL).returncode == 0:
            raise Failed("the skill can be written")

    def launcher(self):
        say("through the launcher")
        package = run("cargo", "pkgid", "--package", "padel", cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()
        version = re.split("[#@]", package)[-1]
        self.padel(0, "--version")
        self.shows(f"^padel {re.escape(version)}$")
        self.padel(0, "doctor")
        self.shows(re.escape(f"HTTPS_PROXY is http://{self.services.gateway}:{self.services.proxy_port}"))
        self.shows(re.escape(ENV_FILE))
        self.padel(0, "login")
        self.shows(f"signed in at .*{re.escape(ENV_FILE)}")
        self.padel(0, "bookings", "--limit", "3")
        self.shows("upcoming bookings")
        self.services.require_call("/api/samlauthentication/login", 200)

    def refused_host(self):
        say("a refused host")
        self.padel(6, "availability", "--club", "refused-club")
        self.shows(r"hint: .*refused-club\.gladstonego\.cloud")
        if "refused CONNECT refused-club.gladstonego.cloud" not in self.services.seen():
            raise Failed("the proxy refused nothing")

    def expired_session(self):
        say("an expired session")
        # A new club knows no token of the old one.
        self.services.restart()
        self.padel(0, "bookings", "--limit", "3")
        self.shows("upcoming bookings")
        self.services.require_call("/api/bookings", 401)
        self.services.require_call("/api/samlauthentication/login", 200)
        print("the club refused the old session with 401, and padel signed in again")

    def inspection(self):
        say("TLS was inspected, and nothing secret was said")
        seen = self.services.seen()
        passed = [line for line in seen if line.startswith("passed")]
        if not any(line.startswith(f"passed GET https://{HOST}/api/availability") for line in passed):
            raise Failed("the proxy saw no request inside of the tunnel")
        if find_secret("\n".join(self.said)):
            raise Failed("a secret is in the output")
        refused = {line for line in seen if line.startswith("refused")}
        print(f"the proxy saw {len(passed)} requests in clear and refused {len(refused)} hosts")

    def timing(self):
        say("from the zip to the first answer, and the same with pip and Python")
        # The proxy has its certificate for the club by now.
        unpack = "busybox" if self.sandbox.run("sh", "-c", "command -v busybox", stdout=subprocess.DEVNULL).returncode == 0 else "python3"
        our_total, our_unpacking, our_call = self.median_pass("ours", unpack)
        their_total, their_install, their_call = self.median_pass("theirs", unpack)
        print(f"padel:  {our_total:5} ms from the zip to the first answer ({our_unpacking} unpacking with {unpack}, {our_call} first call)")
        print(f"Python: {their_total:5} ms from the wheels to the first answer ({their_install} pip install, {their_call} first call)")
        print(f"padel is {their_total // our_total} times as fast (the aim: 20)")

    def median_pass(self, side, unpack):
        """Total, preparation and first call of the median pass. Each asks for one activity of one site on one day, from scratch."""
        sandbox, passes = self.sandbox, []
        day = datetime.date.today() + datetime.timedelta(days=1)
        for number in range(PASSES):
            scratch = f"{sandbox.home}/{side}-{number}"
            variables = {"PSLC_CLUB": f"https://{HOST}", "PSLC_SITES": "UB", "PSLC_ACTIVITIES": "PADEL60", "XDG_CACHE_HOME": f"{scratch}/cache"}
            # `requests` has roots of its own.
            variables["REQUESTS_CA_BUNDLE"] = sandbox.store
            command = [PYTHON, f"{sandbox.place}/client/timed_pass.py", side, scratch, day, unpack]
            done = sandbox.run(*command, variables=variables, stdout=subprocess.PIPE)
            if done.returncode:
                raise Failed(f"the timed pass of {side} found nothing")
            passes.append([int(number) for number in done.stdout.split()])
        return median_of(passes)


def median_of(passes):
    """The pass in the middle by its total time: total, preparation, first call."""
    ordered = sorted([preparation + call, preparation, call] for preparation, call in passes)
    return ordered[len(ordered) // 2]


def find_secret(text):
    """Whether a text holds a password, as it is, escaped or as the proxy gets it."""
    basic = base64.b64encode(f"{PROXY_USER}:{PROXY_PASSWORD}".encode()).decode()
    return any(secret in text for secret in [PASSWORD, PROXY_PASSWORD, PROXY_ESCAPED, basic])


def make_sandbox(with_namespaces, work, wheels):
    if with_namespaces:
        try:
            return sandboxes.Namespaces(work, wheels)
        except sandboxes.NotGranted as reason:
            print(f"this machine grants no namespaces: {reason}")
    print(sandboxes.PROXY_ONLY)
    return sandboxes.ProxyOnly(work, wheels)


def download_wheels():
    wheels = ROOT / "target/rehearse-wheels"
    if not list(wheels.glob("cryptography-*")):
        run(PYTHON, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", wheels, "requests", "cryptography")
    return wheels


def rehearse(given, with_namespaces, work):
    say("what is rehearsed")
    run("cargo", "build", "--quiet", "--locked", "-p", "gladstone-sim", cwd=ROOT)
    install_mitmproxy()
    version = run(VENV / "bin/mitmdump", "--version", stdout=subprocess.PIPE, text=True).stdout
    print(version.splitlines()[0])
    wheels = download_wheels()
    archive = write_zip(given, work)
    print(f"skill: {given or 'skill/pslc-padel and target/skill-bin'}, {archive.stat().st_size} bytes zipped")
    sandboxes.write_env(work)
    sandbox = make_sandbox(with_namespaces, work, wheels)
    try:
        with Services(work, sandbox.gateway) as services:
            sandbox.open(services.proxy_url)
            rehearsal = Rehearsal(sandbox, services)
            if sandbox.isolated:
                rehearsal.check_isolation()
            rehearsal.first_answer()
            rehearsal.launcher()
            rehearsal.refused_host()
            rehearsal.expired_session()
            rehearsal.inspection()
            rehearsal.timing()
    finally:
        sandbox.close()
    print("rehearsed in namespaces of its own" if sandbox.isolated else "rehearsed with PROXY VARIABLES ONLY: the namespaces were not")


def parse_args(description, args=None):
    parser = argparse.ArgumentParser(prog="scripts/rehearse", description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--skill", metavar="DIR|ZIP", type=lambda path: Path(path).resolve())
    parser.add_argument("--no-namespaces", action="store_true")
    return parser.parse_args(args)


def main(description):
    args = parse_args(description)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
    work = Path(tempfile.mkdtemp())
    # The sandbox's other users pass through it.
    work.chmod(0o755)
    try:
        rehearse(args.skill, not args.no_namespaces, work)
    except (Failed, subprocess.CalledProcessError) as error:
        print(f"rehearse: FAILED: {error}", file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 0
