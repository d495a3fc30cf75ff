"""One timed pass inside the sandbox, from scratch: `ours` or `theirs`, a new directory, the day. Prints two numbers of milliseconds.

They are for the preparation (unpacking, pip install) and for the first call. Not counted: the file modes, which the platform
unpacks so, and making the virtual environment.
"""

import subprocess
import sys
import time
from pathlib import Path

CLIENT = Path(__file__).resolve().parent


def timed(*command, **options):
    started = time.monotonic()
    subprocess.run([str(part) for part in command], check=True, **options)
    return round(1000 * (time.monotonic() - started))


def ours(scratch, day, unpack):
    scratch.mkdir()
    archive = CLIENT / "pslc-padel.zip"
    # What the platform unpacks with is not known; Info-ZIP's unzip takes several times as long for the same bytes.
    command = ["busybox", "unzip", "-q", archive, "-d", scratch] if unpack == "busybox" else [sys.executable, "-m", "zipfile", "-e", archive, scratch]
    preparation = timed(*command)
    for path in (scratch / "pslc-padel").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
    with open(scratch / "answer", "w") as answer:
        call = timed("sh", scratch / "pslc-padel/scripts/padel", "availability", "--date", day, "--json", stdout=answer)
    assert '"state":"free"' in (scratch / "answer").read_text(), "nothing is free"
    assert list(scratch.glob("cache/pslc-padel-bin-*/padel-*")), "no copy of the binary was made"
    return preparation, call


def theirs(scratch, day, _):
    subprocess.run([sys.executable, "-m", "venv", scratch / "venv"], check=True)
    pip = [scratch / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    preparation = timed(*pip, "--find-links", CLIENT / "wheels", "requests", "cryptography")
    with open(scratch / "answer", "w") as answer:
        call = timed(scratch / "venv/bin/python", CLIENT / "reference_client.py", "--date", day, stdout=answer)
    assert '"court"' in (scratch / "answer").read_text(), "no court"
    return preparation, call


if __name__ == "__main__":
    side, scratch, day, unpack = sys.argv[1:]
    print(*{"ours": ours, "theirs": theirs}[side](Path(scratch), day, unpack))
