"""The official SDK, unmodified, works with the simulated platform: every operation that it has, in the ways to sign in.

The SDK checks each answer against its own types here, so what the simulated platform answers has the platform's shapes.
"""

import io
import os
import subprocess
import time
import zipfile
from contextlib import contextmanager

import anthropic

import sdk
from modes import SECRET_ACCESS_KEY

AGENT, OTHER_AGENT, ENVIRONMENT = "agent_01Coach", "agent_01Second", "env_01Cloud"
KEY, TOKEN, WORKSPACE, REGION = "sk-key", "session-token", "wrkspc_1", "eu-west-1"
OWNER = {"padel_deployment": "padel"}
VARIABLE = {
    "type": "environment_variable",
    "secret_name": "PSLC_PASSWORD",
    "secret_value": "s3cret",
    "networking": {"type": "limited", "allowed_hosts": ["login.example"]},
    "injection_location": {"header": False, "body": True},
}
RULE = ["fdrl_1", "00000000-0000-4000-8000-000000000001"]
AWS = {"ANTHROPIC_AWS_BASE_URL": "URL", "ANTHROPIC_AWS_WORKSPACE_ID": WORKSPACE, "AWS_REGION": REGION}
# The simulated platform's flags, and the environment in which the SDK finds who it is.
MODES = {
    "api key": (["--api-key", KEY], {"ANTHROPIC_BASE_URL": "URL", "ANTHROPIC_API_KEY": KEY}),
    "github": (
        ["--federation", *RULE],
        {
            "ANTHROPIC_BASE_URL": "URL",
            "ANTHROPIC_FEDERATION_RULE_ID": RULE[0],
            "ANTHROPIC_ORGANIZATION_ID": RULE[1],
            "ANTHROPIC_SERVICE_ACCOUNT_ID": "svac_1",
            "ANTHROPIC_WORKSPACE_ID": WORKSPACE,
            "ACTIONS_ID_TOKEN_REQUEST_URL": "URL/__sim/github/token?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "sim-actions-request-token",
        },
    ),
    "aws session": (
        ["--aws", REGION, WORKSPACE, "AKIDEXAMPLE", SECRET_ACCESS_KEY, "--aws-session-token", TOKEN],
        AWS | {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY, "AWS_SESSION_TOKEN": TOKEN},
    ),
    "aws key": (["--aws-key", KEY], AWS | {"ANTHROPIC_AWS_API_KEY": KEY}),
}


class Story:
    """The steps, in this order. Each is a method, and what one makes the next ones use."""

    def __init__(self, client, archive):
        self.client, self.archive = client, archive

    def zip(self, *arguments):
        return [("pslc-padel.zip", self.archive(*arguments), "application/zip")]

    def rest(self, session, count):
        """The idle event with that number."""
        for _ in range(100):
            idle = list(self.client.beta.sessions.events.list(session, types=["session.status_idle"]))
            if len(idle) >= count:
                return idle[count - 1]
            time.sleep(0.1)
        raise AssertionError("the session does not rest")

    def create_a_skill_from_a_zip(self):
        skill = self.client.skills.create(files=self.zip(), display_name="Padel")
        self.skill, self.first = skill.id, skill.latest_version_id
        assert skill.display_name == "Padel" and skill.source.type == "custom"

    def create_a_skill_from_single_files(self):
        text = b"---\nname: other\ndescription: Another.\n---\n\n# Other\n"
        files = [("other/SKILL.md", text), ("other/scripts/run", b"#!/bin/sh\n")]
        self.other = self.client.skills.create(files=files).id

    def list_skills_over_two_pages(self):
        assert {skill.id for skill in self.client.skills.list(limit=1, source="custom")} == {self.skill, self.other}

    def retrieve_a_skill(self):
        assert self.client.skills.retrieve(self.skill).latest_version_id == self.first

    def create_a_version(self):
        version = self.client.skills.versions.create(self.skill, files=self.zip("pslc-padel", "More courts."))
        self.second = version.id
        assert version.skill_id == self.skill and version.description == "More courts."

    def a_version_of_another_name_is_refused(self):
        refused(anthropic.BadRequestError, lambda: self.client.skills.versions.create(self.skill, files=self.zip("padel")))

    def list_versions_newest_first(self):
        assert [version.id for version in self.client.skills.versions.list(self.skill, limit=1)] == [self.second, self.first]

    def retrieve_the_latest_version(self):
        assert self.client.skills.versions.retrieve("latest", skill_id=self.skill).id == self.second

    def download_a_version(self):
        data = self.client.beta.skills.versions.download(self.second, skill_id=self.skill).read()
        got, sent = (unpacked(data) for data in (data, self.archive("pslc-padel", "More courts.")))
        assert got == sent, f"{got} is not {sent}"

    def delete_a_version_but_not_the_last(self):
        deleted = self.client.skills.versions.delete(self.first, skill_id=self.skill)
        assert deleted.id == self.first
        refused(anthropic.BadRequestError, lambda: self.client.skills.versions.delete(self.second, skill_id=self.skill))

    def retrieve_an_agent(self):
        self.agent = self.client.beta.agents.retrieve(AGENT)
        assert self.agent.id == AGENT

    def list_agents_over_two_pages(self):
        assert {agent.id for agent in self.client.beta.agents.list(limit=1)} == {AGENT, OTHER_AGENT}

    def update_an_agent_under_its_lock(self):
        entry = {"type": "custom", "skill_id": self.skill, "version": self.second}
        update = {"version": self.agent.version, "skills": [entry], "metadata": {"padel_ops": "1.2.4"}}
        after = self.client.beta.agents.update(AGENT, **update)
        assert after.version == self.agent.version + 1 and after.skills[0].version == self.second
        refused(anthropic.ConflictError, lambda: self.client.beta.agents.update(AGENT, **update))

    def list_an_agents_versions(self):
        versions = [agent.version for agent in self.client.beta.agents.versions.list(AGENT)]
        assert versions == [self.agent.version + 1, self.agent.version]

    def upload_a_file(self):
        self.file = self.client.files.upload(file=("pslc-padel.env", b"pslc_user=a", "text/plain")).id

    def create_a_session_of_an_agent(self):
        assert self.client.beta.sessions.create(agent=AGENT, environment_id=ENVIRONMENT).agent.id == AGENT

    def create_a_session_of_an_agents_version(self):
        agent = {"type": "agent", "id": AGENT, "version": self.agent.version}
        session = self.client.beta.sessions.create(agent=agent, environment_id=ENVIRONMENT)
        assert session.agent.version == self.agent.version

    def create_a_session_with_other_skills(self):
        entry = {"type": "custom", "skill_id": self.skill, "version": self.second}
        session = self.client.beta.sessions.create(
            agent={"type": "agent_with_overrides", "id": AGENT, "skills": [entry]},
            environment_id=ENVIRONMENT,
            title="smoke",
            budget={"type": "limit", "max_list_cost": {"amount": "100", "currency": "USD"}},
            resources=[{"type": "file", "file_id": self.file, "mount_path": "/root/.config/pslc-padel/.env"}],
        )
        self.session = session.id
        assert session.agent.skills[0].version == self.second

    def send_a_message_and_read_the_events(self):
        text = "Run this once:\n```sh\nsh scripts/padel\n```"
        message = {"type": "user.message", "content": [{"type": "text", "text": text}]}
        self.client.beta.sessions.events.send(self.session, events=[message])
        for _ in range(100):
            events = list(self.client.beta.sessions.events.list(self.session, limit=2))
            if events[-1].type == "session.status_idle":
                break
            time.sleep(0.1)
        kinds = [event.type for event in events]
        assert kinds[0] == "user.message" and kinds[-1] == "session.status_idle", kinds
        result = next(event for event in events if event.type == "agent.tool_result")
        assert "padel" in result.content[0].text, result

    def retrieve_and_archive_a_session(self):
        assert self.client.beta.sessions.retrieve(self.session).status == "idle"
        assert self.client.beta.sessions.archive(self.session).archived_at

    def check_a_model(self):
        assert self.client.models.retrieve("claude-sonnet-5-5").id == "claude-sonnet-5-5"
        refused(anthropic.NotFoundError, lambda: self.client.models.retrieve("claude-none"))

    def create_an_environment(self):
        config = {"type": "cloud", "networking": {"type": "limited", "allowed_hosts": ["club.example"]}}
        made = self.client.beta.environments.create(name="padel", config=config, metadata=OWNER)
        self.environment = made.id
        networking = made.config.networking
        assert networking.allowed_hosts == ["club.example"] and networking.allow_package_managers is False, made

    def update_an_environment(self):
        config = {"type": "cloud", "networking": {"type": "limited", "allowed_hosts": ["a.example", "b.example"]}}
        after = self.client.beta.environments.update(self.environment, config=config, metadata={"more": "x"})
        assert after.config.networking.allowed_hosts == ["a.example", "b.example"] and after.name == "padel"
        assert after.metadata == OWNER | {"more": "x"}, after.metadata

    def list_environments(self):
        found = {item.id: item for item in self.client.beta.environments.list(limit=1)}
        assert found.keys() == {ENVIRONMENT, self.environment}
        assert self.client.beta.environments.retrieve(self.environment) == found[self.environment]

    def create_a_vault_with_credentials(self):
        vault = self.client.beta.vaults.create(display_name="padel", metadata=OWNER)
        self.vault = vault.id
        credentials = self.client.beta.vaults.credentials
        variable = credentials.create(self.vault, display_name="password", auth=VARIABLE, metadata=OWNER)
        self.variable = variable.id
        assert variable.auth.secret_name == "PSLC_PASSWORD" and "s3cret" not in variable.to_json()
        assert variable.auth.injection_location.body and not variable.auth.injection_location.header
        refused(anthropic.ConflictError, lambda: credentials.create(self.vault, auth=VARIABLE))
        credentials.create(self.vault, auth={"type": "static_bearer", "mcp_server_url": sdk.MCP, "token": "s3cret"})
        oauth = {"type": "mcp_oauth", "mcp_server_url": "https://other.example/mcp", "access_token": "s3cret"}
        self.oauth = credentials.create(self.vault, auth=oauth).id

    def list_vaults_and_credentials(self):
        assert [vault.id for vault in self.client.beta.vaults.list(limit=1)] == [self.vault]
        assert self.client.beta.vaults.retrieve(self.vault).metadata == OWNER
        credentials = self.client.beta.vaults.credentials
        listed = list(credentials.list(self.vault, limit=2))
        assert {item.auth.type for item in listed} == {"environment_variable", "static_bearer", "mcp_oauth"}
        assert not any("s3cret" in item.to_json() for item in listed)
        assert credentials.retrieve(self.variable, vault_id=self.vault).display_name == "password"

    def validate_a_credential_where_that_is_routed(self):
        def validate():
            return self.client.beta.vaults.credentials.mcp_oauth_validate(self.oauth, vault_id=self.vault)

        if isinstance(self.client, anthropic.AnthropicAWS):
            refused(anthropic.NotFoundError, validate)
        else:
            assert validate().has_refresh_token is False

    def rotate_and_delete_a_credential(self):
        credentials = self.client.beta.vaults.credentials
        auth = {"type": "environment_variable", "secret_value": "n3w"}
        after = credentials.update(self.variable, vault_id=self.vault, auth=auth)
        assert after.auth.injection_location.body and "n3w" not in after.to_json()
        assert credentials.delete(self.oauth, vault_id=self.vault).id == self.oauth
        refused(anthropic.NotFoundError, lambda: credentials.retrieve(self.oauth, vault_id=self.vault))

    def create_an_agent(self):
        bash = {"name": "bash", "enabled": True, "permission_policy": {"type": "always_allow"}}
        toolset = {"type": "agent_toolset_20260401", "default_config": {"enabled": False},
                   "configs": [bash, {"name": "read", "enabled": True}]}
        skills = [{"type": "custom", "skill_id": self.skill, "version": self.second}]
        made = self.client.beta.agents.create(
            name="padel", model={"id": "claude-sonnet-5-5", "effort": "low"}, system="s", tools=[toolset],
            skills=skills, metadata=OWNER,
        )
        self.own_agent = made.id
        assert made.version == 1 and made.model.effort.type == "low" and made.system == "s"
        after = self.client.beta.agents.update(made.id, version=1, system="t")
        assert after.version == 2 and after.skills == made.skills and after.metadata == OWNER

    def create_a_session_with_a_vault(self):
        made = self.client.beta.sessions.create(
            agent=self.own_agent, environment_id=self.environment, vault_ids=[self.vault], metadata=OWNER
        )
        self.own_session = made.id
        assert made.vault_ids == [self.vault] and made.metadata == OWNER

    def list_sessions_by_filter(self):
        sessions = self.client.beta.sessions
        assert [made.id for made in sessions.list(agent_id=self.own_agent, statuses=["idle"])] == [self.own_session]
        assert not list(sessions.list(agent_id=self.own_agent, statuses=["running"]))
        since = sessions.retrieve(self.own_session).created_at
        assert self.own_session in [made.id for made in sessions.list(created_at_gte=since, limit=1)]

    def update_a_session(self):
        after = self.client.beta.sessions.update(self.own_session, metadata={"padel_use": "ask"}, title="new")
        assert after.metadata == OWNER | {"padel_use": "ask"} and after.title == "new"

    def mount_and_unmount_a_file(self):
        resources = self.client.beta.sessions.resources
        added = resources.add(self.own_session, type="file", file_id=self.file, mount_path="/root/.env")
        assert [item.id for item in resources.list(self.own_session)] == [added.id]
        resources.delete(added.id, session_id=self.own_session)
        assert not list(resources.list(self.own_session))

    def stream_what_happens_after_a_message(self):
        events = self.client.beta.sessions.events
        with events.stream(self.own_session) as stream:
            sent = events.send(self.own_session, events=[sdk.MESSAGE]).data[0]
            seen = []
            for event in stream:
                seen.append(event)
                if event.type == "session.status_idle":
                    break
        listed = [event.id for event in events.list(self.own_session)]
        assert sent.id in listed and [event.id for event in seen if event.id in listed] == [
            name for name in listed if name in {event.id for event in seen}
        ]
        last = events.list(self.own_session, types=["session.status_idle"], order="desc", limit=1).data[0]
        assert last.id == seen[-1].id and last.stop_reason.type == "end_turn", last

    def interrupt_a_session(self):
        events = self.client.beta.sessions.events
        events.send(self.own_session, events=[{"type": "user.interrupt"}])
        assert any(event.type == "user.interrupt" for event in events.list(self.own_session))

    def allow_a_tool_that_must_ask(self):
        ask = {"name": "bash", "enabled": True, "permission_policy": {"type": "always_ask"}}
        toolset = {"type": "agent_toolset_20260401", "configs": [ask]}
        sessions = self.client.beta.sessions
        agent = {"type": "agent_with_overrides", "id": self.own_agent, "tools": [toolset]}
        text = {"type": "text", "text": "Run this once:\n```sh\necho asked\n```"}
        session = sessions.create(
            agent=agent, environment_id=self.environment, initial_events=[{"type": "user.message", "content": [text]}]
        )
        waiting = self.rest(session.id, 1)
        assert waiting.stop_reason.type == "requires_action", waiting
        [tool_use] = waiting.stop_reason.event_ids
        confirmation = {"type": "user.tool_confirmation", "tool_use_id": tool_use, "result": "allow"}
        sessions.events.send(session.id, events=[confirmation])
        assert self.rest(session.id, 2).stop_reason.type == "end_turn"
        assert "asked" in list(sessions.events.list(session.id, types=["agent.tool_result"]))[0].content[0].text
        sessions.delete(session.id)

    def create_a_deployment(self):
        schedule = {"type": "cron", "expression": "0 18 * * *", "timezone": "Europe/London"}
        made = self.client.beta.deployments.create(
            name="padel", agent=self.own_agent, environment_id=self.environment, initial_events=[sdk.MESSAGE],
            schedule=schedule, vault_ids=[self.vault], metadata=OWNER,
            resources=[{"type": "file", "file_id": self.file, "mount_path": "/root/.env"}],
            budget={"type": "limit", "max_list_cost": {"amount": "25", "currency": "USD"}},
        )
        self.deployment = made.id
        assert made.agent.version == 2 and made.schedule.upcoming_runs_at and made.status == "active"
        assert made.budget.max_list_cost.amount == "25" and made.metadata == OWNER

    def list_deployments(self):
        assert [item.id for item in self.client.beta.deployments.list(limit=1)] == [self.deployment]
        assert self.client.beta.deployments.retrieve(self.deployment).name == "padel"

    def a_deployment_keeps_the_agents_version_until_it_is_moved(self):
        deployments = self.client.beta.deployments
        self.client.beta.agents.update(self.own_agent, version=2, system="u")
        assert deployments.retrieve(self.deployment).agent.version == 2
        assert deployments.update(self.deployment, agent=self.own_agent).agent.version == 3

    def pause_run_and_archive_a_deployment(self):
        deployments = self.client.beta.deployments
        assert deployments.pause(self.deployment).paused_reason.type == "manual"
        assert deployments.unpause(self.deployment).status == "active"
        run = deployments.run(self.deployment)
        assert run.session_id and run.error is None and run.agent.version == 3
        runs = list(self.client.beta.deployment_runs.list(deployment_id=self.deployment))
        assert [item.id for item in runs] == [run.id]
        assert self.client.beta.sessions.retrieve(run.session_id).deployment_id == self.deployment
        self.rest(run.session_id, 1)
        assert deployments.update(self.deployment, schedule=None).schedule is None
        assert deployments.archive(self.deployment).archived_at
        self.client.beta.sessions.delete(run.session_id)

    def what_is_referred_to_is_not_deleted(self):
        refused(anthropic.BadRequestError, lambda: self.client.beta.environments.delete(self.environment))

    def delete_a_session(self):
        assert self.client.beta.sessions.delete(self.own_session).id == self.own_session
        refused(anthropic.NotFoundError, lambda: self.client.beta.sessions.retrieve(self.own_session))

    def take_everything_away(self):
        assert self.client.beta.agents.archive(self.own_agent).archived_at
        assert self.client.beta.vaults.archive(self.vault).archived_at
        assert self.client.beta.vaults.delete(self.vault).id == self.vault
        assert self.client.beta.environments.delete(self.environment).id == self.environment
        assert self.client.beta.environments.archive(ENVIRONMENT).archived_at
        assert self.client.files.delete(self.file).id == self.file

    def delete_a_skill(self):
        self.client.skills.delete(self.other)
        refused(anthropic.NotFoundError, lambda: self.client.skills.retrieve(self.other))


def refused(kind, call):
    try:
        call()
    except kind as error:
        assert error.request_id, "no request id"
    else:
        raise AssertionError(f"no {kind.__name__}")


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: (info.external_attr >> 16 & 0o777, archive.read(info)) for info in archive.infolist()}


STEPS = [name for name in vars(Story) if not name.startswith("_") and name not in {"zip", "rest"}]


@contextmanager
def platform(program, *flags):
    """A simulated platform's URL."""
    with subprocess.Popen([program, "--port", "0", *flags], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def tell(program, mode, flags, environment, archive):
    """What failed of the story in one way to sign in."""
    common = ["--agent", AGENT, "--agent", OTHER_AGENT, "--environment", ENVIRONMENT]
    with platform(program, *common, *flags) as url:
        os.environ.clear()
        os.environ.update({name: value.replace("URL", url) for name, value in environment.items()})
        story = Story(sdk.client(_strict_response_validation=True), archive)
        for step in STEPS:
            try:
                getattr(story, step)()
            except Exception as error:  # every step is told
                yield f"simulator, {mode}, {step}: {type(error).__name__}: {error}"


def run(program, archive):
    """How many steps passed, and what failed."""
    kept = dict(os.environ)
    failures = []
    for mode, (flags, environment) in MODES.items():
        wrong = list(tell(program, mode, flags, {"PATH": kept["PATH"]} | environment, archive))
        failures += wrong
        print(f"simulator, {mode}: the SDK did {len(STEPS) - len(wrong)} of {len(STEPS)} steps")
    return len(MODES) * len(STEPS) - len(failures), failures
