"""The place where the skill runs: namespaces of its own, or the proxy's variables only."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import first_process
from .common import ENV_FILE, MEMBER, PASSWORD, PYTHON, ROOT, SKILLS, SYSTEM_STORE, wait_for

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

PROXY_ONLY = """\
PROXY VARIABLES ONLY. NOT rehearsed: a network without DNS and without another route, the CA in the system store (it is
in SSL_CERT_FILE instead), the skill on a read-only mount below /workspace, uploads below /mnt (PADEL_SESSION_UPLOADS
instead), another root file system."""


class NotGranted(Exception):
    """This machine grants no namespaces, and why."""


def write_env(work):
    (work / "env").write_text(f"pslc_user={MEMBER}\npslc_password={PASSWORD}\nPSLC_CLUB=riverside\n")


class Sandbox:
    """Runs commands with the sandbox's environment and nothing else."""

    # Before every path of the sandbox.
    place = ""
    home = "/home/agent"
    # Where the proxy's CA is among those that are trusted.
    store = SYSTEM_STORE
    wrapper = ()
    isolated = False

    def open(self, proxy_url):
        self.variables = {"PATH": SEARCH_PATH, "HTTPS_PROXY": proxy_url, "HTTP_PROXY": proxy_url, "NO_PROXY": "", "LANG": "C.UTF-8"}
        self.prepare()
        self.variables["HOME"] = self.home

    def run(self, *command, variables={}, **options):
        command = [*self.wrapper, *(str(part) for part in command)]
        return subprocess.run(command, env=self.variables | variables, cwd="/", stdin=subprocess.DEVNULL, text=True, **options)

    def output(self, *command, **options):
        """What a command prints; it must succeed."""
        return self.run(*command, check=True, stdout=subprocess.PIPE, **options).stdout

    def connects(self, host, port):
        """Whether the sandbox reaches an address; bash, because /dev/tcp needs no other program."""
        connect = ["timeout", "3", "bash", "-c", 'exec 3<>"/dev/tcp/$1/$2"', "-", host, port]
        return self.run(*connect, stderr=subprocess.DEVNULL).returncode == 0

    @property
    def skill(self):
        return f"{self.place}{SKILLS}/pslc-padel"

    @property
    def launcher(self):
        return f"{self.skill}/scripts/padel"


class Namespaces(Sandbox):
    """Mounts, network and processes of its own; a pair of interfaces leads to the proxy and nowhere else."""

    isolated = True

    def __init__(self, work, wheels):
        self.work, self.link = work, None
        if not shutil.which("ip"):
            raise NotGranted("no command ip: apt-get install iproute2")
        unshare = ["unshare", "--mount", "--net", "--pid", "--fork"]
        probe = subprocess.run([*unshare, "true"], stderr=subprocess.PIPE, text=True)
        if probe.returncode:
            raise NotGranted((probe.stderr.splitlines() or ["unshare failed"])[-1])
        (work / "root").mkdir()
        first = [PYTHON, first_process.__file__, work, sys.base_prefix, wheels, ENV_FILE]
        with open(work / "sandbox.log", "w") as log:
            self.outer = subprocess.Popen([*unshare, "--kill-child", *map(str, first)], cwd=ROOT, stderr=log)
        try:
            self.init = self._find_init()
            self._connect()
        except BaseException:
            self.close()
            raise

    def _find_init(self):
        """The sandbox's first process, as this machine numbers it."""
        children = Path(f"/proc/{self.outer.pid}/task/{self.outer.pid}/children")
        for _ in range(50):
            found = children.read_text().split() if children.exists() else []
            if found:
                return found[0]
            time.sleep(0.1)
        raise NotGranted("the sandbox's first process did not start")

    def _connect(self):
        net, near = f"10.{random.randint(200, 255)}.{random.randint(0, 255)}", f"pr{os.getpid()}"
        inside = ["nsenter", "--target", self.init, "--net"]
        steps = [
            ["ip", "link", "add", near, "type", "veth", "peer", "name", "egress", "netns", self.init],
            ["ip", "address", "add", f"{net}.1/30", "dev", near],
            ["ip", "link", "set", near, "up"],
            [*inside, "ip", "address", "add", f"{net}.2/30", "dev", "egress"],
            [*inside, "ip", "link", "set", "egress", "up"],
            [*inside, "ip", "link", "set", "lo", "up"],
        ]
        for step in steps:
            done = subprocess.run(step, stderr=subprocess.PIPE, text=True)
            if done.returncode:
                raise NotGranted((done.stderr.splitlines() or [" ".join(step)])[-1])
            self.link = near
        self.gateway = f"{net}.1"

    def prepare(self):
        (self.work / "go").touch()
        ready = self.work / "ready"
        wait_for("the sandbox", lambda: ready.exists() or self.outer.poll() is not None)
        if not ready.exists():
            raise RuntimeError(f"the sandbox ended: {(self.work / 'sandbox.log').read_text()}")
        enter = ["nsenter", "--target", self.init, "--mount", "--net", "--pid", "--root", "--wd", "--"]
        self.wrapper = [shutil.which("nsenter"), *enter[1:]]

    def make_skill_read_only(self):
        self.output("mount", "--bind", self.skill, self.skill)
        self.output("mount", "-o", "remount,bind,ro", self.skill)

    def close(self):
        # The outer process takes all of the sandbox with it: its processes, mounts and end of the link.
        self.outer.send_signal(signal.SIGKILL)
        self.outer.wait()
        if self.link:
            subprocess.run(["ip", "link", "delete", self.link], stderr=subprocess.DEVNULL)


class ProxyOnly(Sandbox):
    """This machine's files and network, with the proxy's variables."""

    gateway = "127.0.0.1"

    def __init__(self, work, wheels):
        self.work, self.wheels = work, wheels
        self.place = str(work / "root")
        self.home = f"{self.place}/home/agent"
        self.store = str(work / "store.pem")

    def prepare(self):
        place = Path(self.place)
        env_file = place / ENV_FILE.lstrip("/")
        for directory in [place / "client", place / SKILLS.lstrip("/"), env_file.parent, Path(self.home)]:
            directory.mkdir(parents=True)
        first_process.copy_client(self.work, place / "client")
        (place / "client/wheels").symlink_to(self.wheels)
        shutil.copy(self.work / "env", env_file)
        roots = [Path(SYSTEM_STORE), self.work / "proxy/mitmproxy-ca-cert.pem"]
        Path(self.store).write_bytes(b"".join(path.read_bytes() for path in roots))
        self.variables |= {"SSL_CERT_FILE": self.store, "PADEL_SESSION_UPLOADS": f"{place}/mnt/session/uploads"}

    def make_skill_read_only(self):
        pass

    def close(self):
        pass
