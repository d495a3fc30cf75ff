"""Compares our client with the official SDK, request by request, and the SDK with the simulated platform.

Both drivers do the same operations against one recording server, in every mode of authentication, each as a process of
its own with the same environment. Prints a table, every difference that is not intended, and the sum.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import sdk
import simulator
from intended import INTENDED
from modes import SECRET_ACCESS_KEY, modes
from recorder import Recorder
from request import differences, facts
from sdk import OPERATIONS

# Requests that belong to being somebody, whichever operation they happened in.
LOGIN = {"/github/token": "identity token", "/v1/oauth/token": "token exchange"}


def archive(name="pslc-padel", text="Courts."):
    """A skill's zip, the same bytes always."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as out:
        for path, content, mode in [
            ("SKILL.md", f"---\nname: {name}\ndescription: {text}\n---\n\n# Padel\n", 0o100644),
            ("scripts/padel", "#!/bin/sh\necho padel\n", 0o100755),
        ]:
            info = zipfile.ZipInfo(f"{name}/{path}", (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, mode << 16
            out.writestr(info, content)
    return data.getvalue()


def fork(environment):
    """The SDK's driver with this environment, as a fork: importing the SDK takes longer than all it has to do."""
    here, there = socket.socketpair()
    if os.fork() == 0:
        os.environ.clear()
        os.environ.update(environment)
        here.close()
        try:
            sdk.main(there.makefile("r"), there.makefile("w"))
        finally:
            os._exit(0)
    return here.makefile("r"), here.makefile("w")


def start(program, environment):
    """Our driver with this environment."""
    driver = subprocess.Popen([program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return driver.stdout, driver.stdin


def record(recorder, driver):
    """Does every operation; the requests by operation, and what failed."""
    said, say = driver
    recorder.requests.clear()
    failed = {}
    for operation in OPERATIONS:
        recorder.operation = operation
        try:
            print(operation, file=say, flush=True)
            answer = said.readline().strip() or "ended"
        except BrokenPipeError:
            answer = "ended before"
        if answer != "ok":
            failed[operation] = answer
    with suppress(BrokenPipeError):
        say.close()
    found = {operation: [] for operation in OPERATIONS}
    for request in recorder.requests:
        path = request.target.partition("?")[0]
        found.setdefault(LOGIN.get(path, request.operation), []).append(facts(request, SECRET_ACCESS_KEY))
    return found, failed


def compare(theirs, ours):
    """What is wrong in one mode, by operation, and which intended differences there are."""
    (theirs, their_failures), (ours, our_failures) = theirs, ours
    used = set()
    cells = {}
    for operation in theirs.keys() | ours.keys():
        sides = ("the SDK", their_failures), ("ours", our_failures)
        wrong = [f"{who} {failed[operation]}" for who, failed in sides if operation in failed]
        requests = theirs.get(operation, []), ours.get(operation, [])
        counts = [len(side) for side in requests]
        if counts[0] != counts[1] or 0 in counts:
            wrong.append(f"the SDK sends {counts[0]} requests, ours {counts[1]}")
        for one, other in zip(*requests):
            wrong += [f"the signature of {who} is wrong" for who, request in (("the SDK", one), ("ours", other))
                      if request.get("auth.signature") == "wrong"]
            for fact, theirs_is, ours_is in differences(one, other):
                reasons = [entry for entry in INTENDED if entry.explains(operation, fact, ours_is)]
                used.update(reasons)
                if not reasons:
                    wrong.append(f"{fact}: the SDK has {theirs_is!r}, ours {ours_is!r}")
        cells[operation] = wrong
    return cells, used


def conform(client):
    """What is wrong by operation and mode, and which intended differences there are."""
    table, used = {}, set()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        (scratch / "pslc-padel.zip").write_bytes(archive())
        recorder = Recorder(archive())
        # Nothing of this machine's gets in.
        base = {"PATH": os.environ["PATH"], "HOME": str(scratch), "CONFORMANCE_ZIP": str(scratch / "pslc-padel.zip")}
        environments = {mode: base | more for mode, more in modes(recorder.url, scratch).items()}
        # Before there are threads.
        drivers = {mode: fork(environment) for mode, environment in environments.items()}
        recorder.start()
        for mode, environment in environments.items():
            theirs = record(recorder, drivers[mode])
            cells, intended = compare(theirs, record(recorder, start(client, environment)))
            table[mode] = cells
            used |= intended
        recorder.close()
    return table, used


def show(table):
    print(f"{'':28}" + "".join(f"{mode:13}" for mode in table))
    for operation in [*OPERATIONS, *LOGIN.values()]:
        cells = [("differs" if column[operation] else "same") if operation in column else "-" for column in table.values()]
        print(f"{operation:28}" + "".join(f"{cell:13}" for cell in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", required=True, help="the example program `operations` of claude-platform")
    parser.add_argument("--simulator", required=True, help="claude-platform-sim")
    arguments = parser.parse_args()

    table, used = conform(arguments.client)
    show(table)
    compared = [(f"{operation}, {mode}", wrong) for mode, column in table.items() for operation, wrong in column.items()]
    unused = [f"intended, but no longer so: {entry.fact} of {entry.operation}: {entry.reason}"
              for entry in INTENDED if entry not in used]
    done, undone = simulator.run(arguments.simulator, archive)

    passed = sum(not wrong for _, wrong in compared) + len(used) + done
    failures = [f"{where}: {line}" for where, wrong in compared for line in wrong] + unused + undone
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
