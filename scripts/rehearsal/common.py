"""What every part of a rehearsal shares: names, secrets that are none, and how it speaks."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The interpreter itself: a version manager's `python3` is a script, and not in the sandbox.
PYTHON = os.path.realpath(sys.executable)
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")

HOST = "riverside.gladstonego.cloud"
MEMBER, PASSWORD = "alex@example.org", "correct horse battery staple"
PROXY_USER, PROXY_PASSWORD, PROXY_ESCAPED = "sandbox", "egress@s3cret/word", "egress%40s3cret%2Fword"
# Where a cloud session has them.
SKILLS = "/workspace/skills"
ENV_FILE = "/mnt/session/uploads/root/.config/pslc-padel/.env"
SYSTEM_STORE = "/etc/ssl/certs/ca-certificates.crt"


class Failed(Exception):
    """Ends the rehearsal with a sentence."""


def say(heading):
    print(f"\n== {heading}", flush=True)


def run(*command, **options):
    """Runs a program, which must succeed."""
    return subprocess.run([str(part) for part in command], check=True, **options)


def wait_for(what, is_there):
    """Waits up to 20 seconds until `is_there()`."""
    for _ in range(200):
        if is_there():
            return
        time.sleep(0.1)
    raise Failed(f"{what} did not come up")
