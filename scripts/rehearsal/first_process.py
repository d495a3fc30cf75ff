"""The sandbox's first process: WORK PYTHON_HOME WHEELS ENV_FILE. It makes the root file system, and then sleeps.

It waits for its network and for the proxy's CA first. All mounts are its own, and its root is a tmpfs: it touches nothing of the
machine's /workspace, /mnt, /home or /etc.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1]


def mount(*args):
    subprocess.run(["mount", *map(str, args)], check=True)


def make_directory(path, mode=0o755):
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)


def copy_client(work, client):
    """What the timed passes need."""
    for path in [work / "pslc-padel.zip", SCRIPTS / "reference_client.py", SCRIPTS / "rehearsal/timed_pass.py"]:
        shutil.copy(path, client)


def make_root(root, work, python_home, wheels, env_file):
    mount("-t", "tmpfs", "-o", "mode=755", "sandbox", root)
    for name in ["usr", "proc", "dev", "run", "home/agent", "client/wheels", "workspace/skills"]:
        make_directory(root / name)
    for name, mode in [("tmp", 0o1777), ("var/tmp", 0o1777), ("root", 0o700)]:
        make_directory(root / name, mode)
    mount("--bind", "-o", "ro", "/usr", root / "usr")
    for name in ["bin", "sbin", "lib", "lib32", "lib64"]:
        source = Path("/", name)
        if source.is_symlink():
            (root / name).symlink_to(source.readlink())
        elif source.is_dir():
            make_directory(root / name)
            mount("--bind", "-o", "ro", source, root / name)
    if not python_home.is_relative_to("/usr"):
        make_directory(root / python_home.relative_to("/"))
        mount("--bind", "-o", "ro", python_home, root / python_home.relative_to("/"))
    mount("--rbind", "/dev", root / "dev")
    mount("-t", "tmpfs", "-o", "mode=1777", "shm", root / "dev/shm")
    mount("-t", "proc", "proc", root / "proc")
    # With `cp`, which keeps owners.
    subprocess.run(["cp", "-a", "/etc", root / "etc"], check=True)
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").touch()
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    with open(root / "etc/ssl/certs/ca-certificates.crt", "ab") as store:
        store.write((work / "proxy/mitmproxy-ca-cert.pem").read_bytes())
    copy_client(work, root / "client")
    mount("--bind", "-o", "ro", wheels, root / "client/wheels")
    make_directory((root / env_file).parent)
    (root / env_file).touch()
    mount("--bind", "-o", "ro", work / "env", root / env_file)


def main():
    work, python_home, wheels, env_file = map(Path, sys.argv[1:])
    mount("--make-rprivate", "/")
    for _ in range(600):
        if (work / "go").exists():
            break
        time.sleep(0.1)
    make_root(work / "root", work, python_home, wheels, env_file.relative_to("/"))
    (work / "ready").touch()
    os.chroot(work / "root")
    os.chdir("/")
    os.execv("/bin/sleep", ["sleep", "infinity"])


if __name__ == "__main__":
    main()
