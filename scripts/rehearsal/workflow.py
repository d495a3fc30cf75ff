"""The rehearsal of what the release workflow's publishing job sends, a part of release.py."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from .common import ROOT, TARGET

BINARIES = TARGET / "debug"
AGENT, ARCHIVED, ENVIRONMENT, WORKSPACE, REGION = "agent_01Padel", "agent_01Archived", "env_01Cloud", "wrkspc_01Club", "eu-west-1"
RULE, ORGANIZATION = "fdrl_01Release", "00000000-0000-4000-8000-000000000001"
KEY_ID, SECRET, TOKEN = "ASIASIMULATED", "temporary-secret", "temporary-token"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN, "AWS_REGION": REGION}
KEY = {"ANTHROPIC_API_KEY": "sk-test-simulated-platform"}

# By mode: the platform, what a maintainer has, the variables of the environment `skill`, what GitHub adds.
MODES = {
    "direct": {
        "flags": ["--federation", RULE, ORGANIZATION],
        "maintainer": KEY,
        "vars": {"ANTHROPIC_FEDERATION_RULE_ID": RULE, "ANTHROPIC_ORGANIZATION_ID": ORGANIZATION},
        "base": "ANTHROPIC_BASE_URL",
        "runner": {
            "ACTIONS_ID_TOKEN_REQUEST_URL": "URL/__sim/github/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "sim-actions-request-token",
        },
    },
    "AWS": {
        "flags": ["--aws", REGION, WORKSPACE, KEY_ID, SECRET, "--aws-session-token", TOKEN],
        "maintainer": CREDENTIALS | {"ANTHROPIC_USE_AWS": "1", "ANTHROPIC_AWS_WORKSPACE_ID": WORKSPACE},
        "vars": {"ANTHROPIC_USE_AWS": "1", "ANTHROPIC_AWS_WORKSPACE_ID": WORKSPACE},
        "base": "ANTHROPIC_AWS_BASE_URL",
        "runner": CREDENTIALS,
    },
}

# Documented: which action a request needs.
ACTIONS = [
    ("GET /v1/skills/", "GetSkill"),
    ("(POST|DELETE) /v1/skills/[^/]+/versions", "UpdateSkill"),
    ("GET /v1/agents/", "GetAgent"),
    ("POST /v1/agents/[^/]+$", "UpdateAgent"),
    ("GET /v1/environments/", "GetEnvironment"),
    ("POST /v1/sessions$", "CreateSession"),
    ("GET /v1/sessions/", "GetSession"),
    ("POST /v1/sessions/[^/]+/events$", "UpdateSession"),
    ("POST /v1/sessions/[^/]+/archive$", "ArchiveSession"),
    ("POST /v1/oauth/token$|GET /__sim/", None),
]
# Interrupts a session that still runs when the smoke test gives up: not in a release that goes well.
SELDOM = {"UpdateSession"}


def fail(message):
    sys.exit(f"rehearse-workflow: {message}")


def run(command, environment, directory):
    """Returns what a command prints in this environment and nothing else."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory)} | environment
    done = subprocess.run(command, env=environment, cwd=directory, text=True, capture_output=True)
    if done.returncode:
        fail(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def pack(skill, out):
    command = [BINARIES / "padel-ops", "pack", "--skill-dir", skill, "--out", out]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def expand(text, context):
    """Replaces GitHub's expressions, as far as this workflow has them; an unknown name is an error."""
    return re.sub(r"\$\{\{\s*(.+?)\s*\}\}", lambda found: context(found[1]), text)


def publish(job, mode, skill_id, url, directory, other={}):
    """Runs the job's commands. Returns the outputs of its steps, and the names of the steps that ran."""
    given = {"SKILL_ID": skill_id, "AGENT_IDS": f"{AGENT},\n", "SMOKE_AGENT_ID": AGENT, "SMOKE_ENVIRONMENT_ID": ENVIRONMENT}
    given |= mode["vars"] | other
    outputs, done = {}, []

    def context(name):
        # A variable that is not set is empty.
        return given.get(name[5:], "") if name.startswith("vars.") else outputs[name]

    runner = {name: value.replace("URL", url) for name, value in mode["runner"].items()}
    names = [step["name"] for step in job["steps"] if step.get("name") in ("publish", "smoke", "pin")]
    if names != ["publish", "smoke", "pin"]:
        fail(f"the job has the steps {names}")
    for step in job["steps"]:
        if step.get("name") not in names or not holds(step.get("if"), context):
            continue
        done.append(step["name"])
        environment = {name: expand(text, context) for name, text in (job["env"] | step.get("env", {})).items()}
        file = directory / "output"
        file.write_text("")
        run(["bash", "-e", "-c", step["run"]], environment | runner | {mode["base"]: url, "GITHUB_OUTPUT": str(file)}, directory)
        for line in file.read_text().splitlines():
            name, _, value = line.partition("=")
            outputs[f"steps.{step.get('id')}.outputs.{name}"] = value
    return outputs, done


def holds(condition, context):
    """Evaluates a step's condition: this workflow compares a name with a text."""
    if condition is None:
        return True
    found = re.fullmatch(r"(\S+) (==|!=) '([^']*)'", condition)
    if not found:
        fail(f"the condition `{condition}` is not understood")
    return (context(found[1]) == found[3]) == (found[2] == "==")


def refuse_broken_variables(job, mode, skill_id, url, directory):
    """A broken variable of a later step must end the job before it sends anything."""
    for other in (
        {"AGENT_IDS": ""}, {"AGENT_IDS": " , "}, {"AGENT_IDS": "agent_01Nobody"}, {"AGENT_IDS": f"{AGENT} {ARCHIVED}"},
        {"SMOKE_AGENT_ID": ""}, {"SMOKE_AGENT_ID": ARCHIVED}, {"SMOKE_ENVIRONMENT_ID": ""}, {"SMOKE_ENVIRONMENT_ID": "env_01Nowhere"},
        {"SKILL_ID": ""},
    ):
        before = len(ask(url, "calls"))
        try:
            publish(job, mode, skill_id, url, directory, other)
        except SystemExit:
            sent = [call for call in ask(url, "calls")[before:] if call["method"] != "GET" and "/oauth/" not in call["target"]]
            if sent:
                fail(f"with {other} the job sent {sent}")
        else:
            fail(f"with {other} the job went through")


def ask(url, what):
    with urllib.request.urlopen(f"{url}/__sim/{what}") as answer:
        return json.load(answer)


def publish_first(tool, first, maintainer, directory):
    """Runs what the guide says of the first publish. Returns what the tool made."""
    shown = re.findall(r"^\$ padel-ops (.*)$", (ROOT / "deploy/github/README.md").read_text(), re.M)
    if [line.split()[0] for line in shown] != ["publish", "pin"]:
        fail(f"the guide shows {shown}")
    publish, pin = (line.split() for line in shown)
    noted = directory / "made"
    publish[publish.index("dist/pslc-padel.zip")] = first / "pslc-padel.zip"
    run([tool, *publish, "--output-file", noted], maintainer, directory)
    made = dict(line.split("=", 1) for line in noted.read_text().splitlines())
    pin[pin.index("agent_…")], pin[pin.index("skver_…")] = AGENT, made["skill_version"]
    run([tool, *pin], maintainer, directory)
    return made


def rehearse(name, mode, job, first, second):
    """Makes two releases, the second one twice. Returns the actions that the job needed."""
    directory = first.parent / name
    directory.mkdir()
    command = [BINARIES / "claude-platform-sim", "--agent", AGENT, "--archived-agent", ARCHIVED, "--environment", ENVIRONMENT,
               "--normalised-downloads", *mode["flags"]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            maintainer = mode["maintainer"] | {mode["base"]: url}
            tool = BINARIES / "padel-ops"
            made = publish_first(tool, first, maintainer, directory)

            shutil.copytree(second, directory / "out")
            shutil.copy(tool, directory / "out")
            before = len(ask(url, "calls"))
            refuse_broken_variables(job, mode, made["skill_id"], url, directory)
            published = [publish(job, mode, made["skill_id"], url, directory) for _ in range(2)]
            versions = {outputs["steps.publish.outputs.skill_version"] for outputs, _ in published}
            steps = [done for _, done in published]
            if steps != [["publish", "smoke", "pin"], ["publish", "pin"]]:
                fail(f"{name}: the steps that were run are {steps}")
            calls = ask(url, "calls")[before:]
            state = ask(url, "state")
        finally:
            process.terminate()
    if len(versions) != 1 or versions == {made["skill_version"]}:
        fail(f"{name}: the second release should be one new version: {versions}")
    agents = [entry["agent"] for entry in state["agents"]]
    skills = next(agent["skills"] for agent in agents if agent["id"] == AGENT)
    pinned = [entry["version"] for entry in skills if entry["skill_id"] == made["skill_id"]]
    if pinned != list(versions):
        fail(f"{name}: published {versions}, but the agent has {pinned}")
    print(f"{name}: published, tried and pinned {pinned[0]}; the same again changed nothing; {len(calls)} requests")
    return {action(call) for call in calls} - {None}


def action(call):
    request = f"{call['method']} {call['target'].partition('?')[0]}"
    for pattern, name in ACTIONS:
        if re.match(pattern, request):
            return name
    fail(f"the job sends {request}, for which there is no action in the policy")


def pack_older(scratch):
    """Packs a skill that is not this one. Returns the directory."""
    shutil.copytree(ROOT / "skill/pslc-padel", scratch / "skill")
    with open(scratch / "skill/references/setup.md", "a") as file:
        print("An older release.", file=file)
    pack(scratch / "skill", scratch / "first")
    return scratch / "first"


def rehearse_both(job, first, second):
    """Rehearses the job on both platforms, and holds the policy against what it sent."""
    statements = json.loads((ROOT / "deploy/aws/ci.json").read_text())["Statement"]
    allowed = {action.partition(":")[2] for statement in statements for action in statement["Action"]}
    for name, mode in MODES.items():
        needed = rehearse(name, mode, job, first, second)
        if needed | SELDOM != allowed:
            fail(f"{name}: the job needs {sorted(needed)}, the policy allows {sorted(allowed)}")
    print(f"the IAM policy allows what the job needs and nothing else, {', '.join(SELDOM)} for a smoke test that fails")
