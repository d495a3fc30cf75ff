"""The official SDK as a driver: does the operation named on each line that comes in, answers `ok` or `failed: …`.

Which client and which credentials follow from the environment, as the SDK itself reads it.
"""

import json
import os
import urllib.request
from pathlib import Path

from anthropic import Anthropic, AnthropicAWS, WorkloadIdentityCredentials

SKILL = {"type": "custom", "skill_id": "skill_1", "version": "skver_2"}
MESSAGE = {"type": "user.message", "content": [{"type": "text", "text": "Free courts? Größe \"L\"\n"}]}


def archive():
    """The zip form: one part, named for the zip."""
    return [("pslc-padel.zip", Path(os.environ["CONFORMANCE_ZIP"]).read_bytes(), "application/zip")]


# One for one what crates/claude-platform/examples/operations.rs does.
OPERATIONS = {
    "skills": lambda c: list(c.skills.list(source="custom")),
    "skill": lambda c: c.skills.retrieve("skill_1"),
    "create_skill": lambda c: c.skills.create(files=archive()),
    "create_skill_named": lambda c: c.skills.create(files=archive(), display_name="Padel, “courts”"),
    "delete_skill": lambda c: c.skills.delete("skill_1"),
    "skill_versions": lambda c: list(c.skills.versions.list("skill_1")),
    "newest_versions": lambda c: c.skills.versions.list("skill_1", limit=1),
    "skill_version": lambda c: c.skills.versions.retrieve("skver_1", skill_id="skill_1"),
    "create_version": lambda c: c.skills.versions.create("skill_1", files=archive()),
    "delete_version": lambda c: c.skills.versions.delete("skver_1", skill_id="skill_1"),
    "download_version": lambda c: c.beta.skills.versions.download("skver_1", skill_id="skill_1").read(),
    "agents": lambda c: list(c.beta.agents.list()),
    "agent": lambda c: c.beta.agents.retrieve("agent_1"),
    "agent_versions": lambda c: list(c.beta.agents.versions.list("agent_1")),
    "update_agent": lambda c: c.beta.agents.update(
        "agent_1",
        version=2,
        skills=[{"type": "anthropic", "skill_id": "xlsx", "version": "latest"}, SKILL],
        metadata={"padel_ops": "1.2.4", "padel_note": None},
    ),
    "create_session": lambda c: c.beta.sessions.create(agent="agent_1", environment_id="env_1"),
    "create_session_of_version": lambda c: c.beta.sessions.create(
        agent={"type": "agent", "id": "agent_1", "version": 2}, environment_id="env_1"
    ),
    "create_session_with_skills": lambda c: c.beta.sessions.create(
        agent={"type": "agent_with_overrides", "id": "agent_1", "version": 2, "skills": [SKILL]},
        environment_id="env_1",
        title="smoke",
        vault_ids=["vlt_1"],
        resources=[{"type": "file", "file_id": "file_1", "mount_path": "/root/.config/pslc-padel/.env"}],
        initial_events=[MESSAGE],
        budget={"type": "limit", "max_list_cost": {"amount": "100", "currency": "USD"}},
    ),
    "session": lambda c: c.beta.sessions.retrieve("sesn_1"),
    "send_message": lambda c: c.beta.sessions.events.send("sesn_1", events=[MESSAGE]),
    "events": lambda c: list(c.beta.sessions.events.list("sesn_1")),
    "archive_session": lambda c: c.beta.sessions.archive("sesn_1"),
    "upload_file": lambda c: c.files.upload(file=("notes.txt", b"hello", "text/plain")),
}


def github_token():
    """What GitHub's documentation says of its endpoint: the SDK itself leaves the fetching to its user."""
    request = urllib.request.Request(
        os.environ["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=https://api.anthropic.com",
        headers={"Authorization": "bearer " + os.environ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["value"]


def client(**options):
    """Whom the environment says."""
    if "ANTHROPIC_AWS_BASE_URL" in os.environ:
        return AnthropicAWS(max_retries=0, **options)
    if "ACTIONS_ID_TOKEN_REQUEST_URL" in os.environ:
        credentials = WorkloadIdentityCredentials(
            identity_token_provider=github_token,
            federation_rule_id=os.environ["ANTHROPIC_FEDERATION_RULE_ID"],
            organization_id=os.environ["ANTHROPIC_ORGANIZATION_ID"],
            service_account_id=os.environ["ANTHROPIC_SERVICE_ACCOUNT_ID"],
            workspace_id=os.environ["ANTHROPIC_WORKSPACE_ID"],
        )
        return Anthropic(credentials=credentials, max_retries=0, **options)
    return Anthropic(max_retries=0, **options)


def main(lines, out):
    made = None
    for line in lines:
        try:
            made = made or client()
            OPERATIONS[line.strip()](made)
            said = "ok"
        except Exception as error:  # whatever it is, the comparison tells it
            said = f"failed: {type(error).__name__}: {error}".replace("\n", " ")
        print(said, file=out, flush=True)
