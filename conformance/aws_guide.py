"""The commands that deploy/aws and deploy/github show, run by the real `aws` on moto: secrets, stack, roles; then another release rolled
out and back. And those of crates/aws-sim, on that. Run by scripts/conformance-aws: aws_guide.py --aws FILE --moto FILE --simulator FILE."""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STACK = "padel-slack"
TABLE = {
    "TableName": "padel", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST",
}


def fail(message):
    sys.exit(f"aws_guide: {message}")


def shown(document):
    """The commands of `aws` that a document shows, without the breaks of their lines."""
    text = (ROOT / document).read_text("utf-8").replace("\\\n", " ")
    return re.findall(r"^\$ (aws .*)$", text, re.M)


class Region:
    """Everything that moto has, and a directory in which an operator works."""

    def __init__(self, aws, port, place):
        self.place = place
        self.environment = {
            "PATH": f"{aws.parent}:/usr/bin:/bin", "HOME": str(place), "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "AKIASIMULATEDADMIN01", "AWS_SECRET_ACCESS_KEY": "simulated", "AWS_PAGER": "",
        }

    def run(self, command):
        done = subprocess.run(["bash", "-c", command], env=self.environment, cwd=self.place, text=True, capture_output=True)
        if done.returncode:
            fail(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def ask(self, command):
        return json.loads(self.run(f"aws {command} --output json"))

    def functions(self):
        """By name: the hash of the zip that the function runs, and its variables."""
        found = self.ask("lambda list-functions")["Functions"]
        return {about["FunctionName"]: (about["CodeSha256"], about["Environment"]["Variables"]) for about in found}


def write_zip(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bootstrap", content)
    return base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


def set_up(region):
    """The guide of the bridge, from the two secrets to the stack."""
    for name in ("signing-secret", "bot-token"):
        (region.place / name).write_text(f"the {name}")
    region.run("aws s3 mb s3://padel-releases")
    for role in ("padel-operator", "padel-slack"):
        region.run(f"aws iam create-role --role-name {role} --assume-role-policy-document '{{}}'")
    steps = []
    for document in ("deploy/aws/README.md", "deploy/github/README.md"):
        for command in shown(document):
            region.run(command.replace("BUCKET", "padel-releases"))
            steps.append(" ".join(command.split()[1:3]))
    wanted = {"ssm put-parameter", "s3 cp", "cloudformation deploy", "cloudformation describe-stacks", "iam put-role-policy", "iam create-role"}
    if not wanted <= set(steps):
        fail(f"the guides show {steps}")
    for name in ("signing-secret", "bot-token"):
        kept = region.ask(f"ssm get-parameter --with-decryption --name /padel/slack-{name}")["Parameter"]
        if (kept["Type"], kept["Value"]) != ("SecureString", f"the {name}"):
            fail(f"{name} is kept as {kept['Type']}")
    return len(steps)


def roll(region, key):
    """What the guide says of another release: `deploy` with its key, and nothing else."""
    deploy = next(command for command in shown("deploy/aws/README.md") if " deploy " in command)
    start, _ = deploy.split("--parameter-overrides")
    region.run(f"{start} --parameter-overrides CodeKey={key}")


def rehearse(region):
    first = write_zip(region.place / "padel-slack-arm64.zip", "one release")
    count = set_up(region)
    before = region.functions()
    if sorted(before) != [f"{STACK}-accept", f"{STACK}-answer"] or {code for code, _ in before.values()} != {first}:
        fail(f"the stack has {sorted(before)}, or runs another zip")
    second = write_zip(region.place / "next.zip", "the next release")
    region.run("aws s3 cp next.zip s3://padel-releases/padel-slack-0.2.0-arm64.zip")
    for key, code in (("padel-slack-0.2.0-arm64.zip", second), ("padel-slack-0.1.0-arm64.zip", first)):
        roll(region, key)
        wanted = {name: (code, variables) for name, (_, variables) in before.items()}
        if region.functions() != wanted:
            fail(f"after CodeKey={key}, a function runs another zip, or has other settings")
    print(f"the real aws runs the {count} commands of the guides; both functions went to another release and back, and kept their settings")


def try_simulator(simulator, aws):
    """The commands of crates/aws-sim's README, in one shell."""
    text = (ROOT / "crates/aws-sim/README.md").read_text("utf-8")
    start, *others = re.findall(r"^\$ (.*)$", text, re.M)
    program = "cargo run -p aws-sim -- "
    if not start.startswith(program) or not others[-1].startswith("aws "):
        fail(f"the README of aws-sim shows {[start, *others]}")
    with tempfile.TemporaryDirectory() as place:
        (pathlib.Path(place) / "table.json").write_text(json.dumps(TABLE))
        arguments = start.removeprefix(program)
        with subprocess.Popen(["bash", "-c", f'exec "$0" {arguments}', simulator], stdout=subprocess.PIPE, text=True, cwd=place) as process:
            try:
                url = process.stdout.readline().strip()
                script = "\n".join(others).replace("http://127.0.0.1:40001", url)
                # The first `aws` reads the region from another variable than the second.
                environment = {"PATH": f"{aws.parent}:/usr/bin:/bin", "HOME": place, "AWS_DEFAULT_REGION": "eu-west-1"}
                done = subprocess.run(["bash", "-e", "-c", script], env=environment, cwd=place, text=True, capture_output=True)
            finally:
                process.terminate()
    if done.returncode or json.loads(done.stdout) != {"TableNames": [TABLE["TableName"]]}:
        fail(f"the README of aws-sim: {done.stdout}{done.stderr}")
    print(f"the real aws runs the {1 + len(others)} commands of aws-sim's README")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--aws", type=pathlib.Path, required=True)
    parser.add_argument("--moto", required=True)
    parser.add_argument("--simulator", type=pathlib.Path, required=True)
    options = parser.parse_args()
    try_simulator(options.simulator.absolute(), options.aws.absolute())
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with tempfile.TemporaryDirectory() as place, open(os.path.join(place, "moto.log"), "w") as log:
        (pathlib.Path(place) / "deploy").symlink_to(ROOT / "deploy")
        with subprocess.Popen([options.moto, "--host", "127.0.0.1", "--port", str(port)], stdout=log, stderr=log) as moto:
            try:
                for _ in range(600):
                    with socket.socket() as client:
                        if client.connect_ex(("127.0.0.1", port)) == 0:
                            break
                    time.sleep(0.1)
                rehearse(Region(options.aws.absolute(), port, pathlib.Path(place)))
            finally:
                moto.terminate()


main()
