"""What the sandbox talks to: the simulated club, and the proxy before it."""

import json
import os
import socket
import ssl
import subprocess
import urllib.request

from .common import HOST, PROXY_ESCAPED, PROXY_PASSWORD, PROXY_USER, PYTHON, ROOT, TARGET, Failed, run, wait_for

VENV = ROOT / "target/rehearse-venv"
MITMPROXY = "mitmproxy==11.0.2"


def install_mitmproxy():
    if not (VENV / "bin/mitmdump").exists():
        run(PYTHON, "-m", "venv", VENV)
        run(VENV / "bin/pip", "install", "--quiet", "--disable-pip-version-check", MITMPROXY)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def connects(host, port):
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


class Services:
    """Club and proxy on ports that stay the same. Leaving the context stops both."""

    def __init__(self, work, gateway):
        self.work, self.gateway = work, gateway
        self.club_port, self.proxy_port = free_port(), free_port()
        self.running = []

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def proxy_url(self):
        return f"http://{PROXY_USER}:{PROXY_ESCAPED}@{self.gateway}:{self.proxy_port}"

    def start(self):
        url = self.work / "club.url"
        club = [TARGET / "debug/gladstone-sim", "--https", "--ca-out", self.work / "club-ca.pem", "--port", self.club_port]
        # A club that a signal ends leaves its files: they are in `work`, too.
        self._spawn(club, url, self.work / "club.log", {"TMPDIR": str(self.work)})
        wait_for("the simulated club", lambda: url.stat().st_size)
        # The proxy reads the club's certificate at its start.
        proxy = [
            VENV / "bin/mitmdump", "--quiet", "--listen-host", self.gateway, "--listen-port", self.proxy_port,
            "--proxyauth", f"{PROXY_USER}:{PROXY_PASSWORD}", "--set", f"confdir={self.work}/proxy",
            "--set", "connection_strategy=lazy", "--set", f"ssl_verify_upstream_trusted_ca={self.work}/club-ca.pem",
            "--scripts", ROOT / "scripts/rehearsal/proxy.py",
        ]
        variables = {"REHEARSE_HOST": HOST, "REHEARSE_CLUB_PORT": str(self.club_port), "REHEARSE_SEEN": str(self.work / "seen")}
        self._spawn(proxy, self.work / "proxy.log", self.work / "proxy.log", variables | {"PYTHONDONTWRITEBYTECODE": "1"})
        wait_for("the proxy", lambda: connects(self.gateway, self.proxy_port))

    def stop(self):
        while self.running:
            process = self.running.pop()
            process.terminate()
            process.wait()

    def restart(self):
        self.stop()
        self.start()

    def _spawn(self, command, stdout, stderr, variables):
        with open(stdout, "w") as out, open(stderr, "a") as err:
            command = [str(part) for part in command]
            self.running.append(subprocess.Popen(command, stdout=out, stderr=err, env=os.environ | variables))

    def require_call(self, path, status):
        """The club must have answered a request for this path with this status."""
        context = ssl.create_default_context(cafile=self.work / "club-ca.pem")
        # Past the proxies of this machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
        with direct.open(f"https://127.0.0.1:{self.club_port}/__sim/calls") as answer:
            calls = json.load(answer)
        if not any(call["path"].startswith(path) and call["status"] == status for call in calls):
            raise Failed(f"the club did not answer {status} to {path}")

    def seen(self):
        """What the proxy saw, a line each: `passed GET https://…`, `refused CONNECT host`."""
        path = self.work / "seen"
        return path.read_text().splitlines() if path.exists() else []
