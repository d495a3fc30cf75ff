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

MCP = "https://mcp.slack.com/mcp"
TIME = "2026-12-01T00:00:00Z"
OWNER = {"padel_deployment": "padel"}
NETWORKING = {
    "type": "limited",
    "allowed_hosts": ["club.gladstonego.cloud"],
    "allow_mcp_servers": False,
    "allow_package_managers": False,
}
BODY_OF_CLUB = {
    "networking": {"type": "limited", "allowed_hosts": ["club.gladstonego.cloud"]},
    "injection_location": {"header": False, "body": True},
}
CONFIRMATION = {"type": "user.tool_confirmation", "tool_use_id": "sevt_1"}


def archive():
    """The zip form: one part, named for the zip."""
    return [("pslc-padel.zip", Path(os.environ["CONFORMANCE_ZIP"]).read_bytes(), "application/zip")]


def read_stream(client):
    with client.beta.sessions.events.stream("sesn_1") as stream:
        count = sum(1 for _ in stream)
    assert count == 2, f"{count} events on the stream"


# One for one what crates/claude-platform/examples/operations/ does.
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
    "create_environment": lambda c: c.beta.environments.create(
        name="padel",
        description="d",
        config={"type": "cloud", "networking": NETWORKING},
        metadata=OWNER,
    ),
    "environments": lambda c: list(c.beta.environments.list()),
    "environment": lambda c: c.beta.environments.retrieve("env_1"),
    "update_environment": lambda c: c.beta.environments.update(
        "env_1", config={"type": "cloud", "networking": NETWORKING}, metadata={"k": None}
    ),
    "archive_environment": lambda c: c.beta.environments.archive("env_1"),
    "delete_environment": lambda c: c.beta.environments.delete("env_1"),
    "create_vault": lambda c: c.beta.vaults.create(display_name="padel", metadata=OWNER),
    "vaults": lambda c: list(c.beta.vaults.list()),
    "vault": lambda c: c.beta.vaults.retrieve("vlt_1"),
    "archive_vault": lambda c: c.beta.vaults.archive("vlt_1"),
    "delete_vault": lambda c: c.beta.vaults.delete("vlt_1"),
    "create_credential_variable": lambda c: c.beta.vaults.credentials.create(
        "vlt_1",
        display_name="password",
        auth={
            "type": "environment_variable",
            "secret_name": "PSLC_PASSWORD",
            "secret_value": "s3cret",
            **BODY_OF_CLUB,
        },
        metadata=OWNER,
    ),
    "create_credential_bearer": lambda c: c.beta.vaults.credentials.create(
        "vlt_1", display_name="slack", auth={"type": "static_bearer", "mcp_server_url": MCP, "token": "t"}
    ),
    "create_credential_oauth": lambda c: c.beta.vaults.credentials.create(
        "vlt_1",
        display_name="slack",
        auth={
            "type": "mcp_oauth",
            "mcp_server_url": MCP,
            "access_token": "a",
            "expires_at": TIME,
            "refresh": {
                "client_id": "1.2",
                "refresh_token": "r",
                "token_endpoint": "https://slack.com/api/oauth.v2.access",
                "token_endpoint_auth": {"type": "client_secret_post", "client_secret": "c"},
                "scope": "chat:write",
            },
        },
    ),
    "credentials": lambda c: list(c.beta.vaults.credentials.list("vlt_1")),
    "update_credential_variable": lambda c: c.beta.vaults.credentials.update(
        "vcrd_1",
        vault_id="vlt_1",
        auth={"type": "environment_variable", "secret_value": "other", **BODY_OF_CLUB},
    ),
    "update_credential_bearer": lambda c: c.beta.vaults.credentials.update(
        "vcrd_1", vault_id="vlt_1", auth={"type": "static_bearer", "token": "u"}
    ),
    "update_credential_oauth": lambda c: c.beta.vaults.credentials.update(
        "vcrd_1",
        vault_id="vlt_1",
        auth={"type": "mcp_oauth", "access_token": "b", "expires_at": TIME, "refresh": {"refresh_token": "s"}},
    ),
    "validate_credential": lambda c: c.beta.vaults.credentials.mcp_oauth_validate("vcrd_1", vault_id="vlt_1"),
    "delete_credential": lambda c: c.beta.vaults.credentials.delete("vcrd_1", vault_id="vlt_1"),
    "create_agent": lambda c: c.beta.agents.create(
        name="padel",
        description="d",
        model={"id": "claude-sonnet-5-5", "effort": "low"},
        system="s",
        tools=[
            {
                "type": "agent_toolset_20260401",
                "default_config": {"enabled": False},
                "configs": [{"name": "bash", "enabled": True, "permission_policy": {"type": "always_allow"}}],
            },
            {"type": "mcp_toolset", "mcp_server_name": "slack"},
        ],
        mcp_servers=[{"type": "url", "name": "slack", "url": MCP}],
        metadata=OWNER,
    ),
    "archive_agent": lambda c: c.beta.agents.archive("agent_1"),
    "create_session_with_model": lambda c: c.beta.sessions.create(
        agent={"type": "agent_with_overrides", "id": "agent_1", "model": "claude-haiku-5-5"},
        environment_id="env_1",
        metadata=OWNER,
    ),
    "sessions": lambda c: list(c.beta.sessions.list()),
    "sessions_filtered": lambda c: list(
        c.beta.sessions.list(
            agent_id="agent_1",
            deployment_id="depl_1",
            created_at_gte=TIME,
            statuses=["idle", "running"],
            include_archived=True,
        )
    ),
    "update_session": lambda c: c.beta.sessions.update("sesn_1", metadata={"k": None}),
    "delete_session": lambda c: c.beta.sessions.delete("sesn_1"),
    "resources": lambda c: list(c.beta.sessions.resources.list("sesn_1")),
    "add_resource": lambda c: c.beta.sessions.resources.add(
        "sesn_1", type="file", file_id="file_2", mount_path="/root/.env"
    ),
    "delete_resource": lambda c: c.beta.sessions.resources.delete("sesrsc_1", session_id="sesn_1"),
    "newest_events": lambda c: c.beta.sessions.events.list(
        "sesn_1", types=["agent.message", "session.status_idle"], order="desc", limit=1
    ),
    "interrupt": lambda c: c.beta.sessions.events.send("sesn_1", events=[{"type": "user.interrupt"}]),
    "allow_tool": lambda c: c.beta.sessions.events.send("sesn_1", events=[CONFIRMATION | {"result": "allow"}]),
    "deny_tool": lambda c: c.beta.sessions.events.send(
        "sesn_1", events=[CONFIRMATION | {"result": "deny", "deny_message": "no"}]
    ),
    "stream": read_stream,
    "create_deployment": lambda c: c.beta.deployments.create(
        name="padel",
        agent={"type": "agent", "id": "agent_1", "version": 2},
        environment_id="env_1",
        initial_events=[MESSAGE],
        schedule={"type": "cron", "expression": "0 18 * * *", "timezone": "Europe/London"},
        vault_ids=["vlt_1"],
        resources=[{"type": "file", "file_id": "file_1", "mount_path": "/a"}],
        budget={"type": "limit", "max_list_cost": {"amount": "25", "currency": "USD"}},
        metadata=OWNER,
    ),
    "deployments": lambda c: list(c.beta.deployments.list()),
    "deployment": lambda c: c.beta.deployments.retrieve("depl_1"),
    "update_deployment": lambda c: c.beta.deployments.update("depl_1", agent="agent_1", schedule=None),
    "pause_deployment": lambda c: c.beta.deployments.pause("depl_1"),
    "unpause_deployment": lambda c: c.beta.deployments.unpause("depl_1"),
    "run_deployment": lambda c: c.beta.deployments.run("depl_1"),
    "archive_deployment": lambda c: c.beta.deployments.archive("depl_1"),
    "deployment_runs": lambda c: list(c.beta.deployment_runs.list(deployment_id="depl_1")),
    "files": lambda c: list(c.files.list()),
    "delete_file": lambda c: c.files.delete("file_1"),
    "upload_secret_file": lambda c: c.files.upload(
        file=(".env", b"PSLC_USER=a\nPSLC_PASSWORD=b\n", "text/plain")
    ),
    "model": lambda c: c.models.retrieve("claude-sonnet-5-5"),
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
