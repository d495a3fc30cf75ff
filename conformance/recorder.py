"""An HTTP server on loopback that keeps every request as it came, and answers each operation plausibly.

It decides nothing and checks nothing: what it kept is compared elsewhere.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

DELETED = {
    "skills": "skill_deleted",
    "versions": "skill_version_deleted",
    "environments": "environment_deleted",
    "vaults": "vault_deleted",
    "credentials": "vault_credential_deleted",
    "sessions": "session_deleted",
    "resources": "session_resource_deleted",
    "files": "file_deleted",
}
NOW = "2026-11-25T09:00:00Z"
ACCESS_TOKEN = "sk-ant-oat-short-lived"
IDENTITY_TOKEN = "identity.token.of-the-job"


@dataclass
class Request:
    """A request: the target and the header's names and values as sent, the body unchunked."""

    operation: str
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name):
        return ", ".join(value for key, value in self.headers if key.lower() == name) or None


@dataclass
class Recorder:
    """Listens from the beginning, serves from `start` to `close`. `operation` names what is being done, and goes into each request."""

    zip: bytes
    operation: str = ""
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self):
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                request = Request(
                    recorder.operation, self.command, self.path, self.headers.items(), self.read()
                )
                recorder.requests.append(request)
                kind, body = recorder.answer(request)
                self.send_response(200)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.send_header("request-id", f"req_{len(recorder.requests)}")
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = serve

            def read(self):
                if self.headers.get("transfer-encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("content-length", 0)))
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request):
        parts = urlsplit(request.target)
        if parts.path.endswith("/content"):
            return "application/zip", self.zip
        if parts.path.endswith("/events/stream"):
            events = [event("sevt_1", "user.message"), event("sevt_2", "session.status_idle")]
            lines = [f"event: message\ndata: {json.dumps(event)}\n\n" for event in events]
            return "text/event-stream", "".join(lines).encode()
        body = answer(request.method, parts.path.strip("/").split("/"), dict(parse_qsl(parts.query)))
        return "application/json", json.dumps(body).encode()


def answer(method, path, query):
    """The JSON for an operation: as large as the SDK's and our types need it, in two pages where it is a list."""
    match method, path:
        case "GET", ["github", "token"]:
            return {"value": IDENTITY_TOKEN}
        case "POST", ["v1", "oauth", "token"]:
            return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600}
        case "DELETE", ["v1", *_, kind, name]:
            return {"id": name, "type": DELETED[kind]}
        case "GET", ["v1", "skills"]:
            return page(query, skill("skill_1"), skill("skill_2"))
        case "GET", ["v1", "skills", _, "versions"]:
            return page(query, version("skver_2"), version("skver_1"))
        case _, ["v1", "skills", _, "versions", *rest]:
            return version(rest[0] if rest else "skver_3")
        case _, ["v1", "skills", *rest]:
            return skill(rest[0] if rest else "skill_3")
        case "GET", ["v1", "agents"]:
            return page(query, agent(2), agent(1) | {"id": "agent_2"})
        case "GET", ["v1", "agents", _, "versions"]:
            return page(query, agent(2), agent(1))
        case _, ["v1", "agents", *_]:
            return agent(2)
        case "GET", ["v1", "environments"]:
            return page(query, environment("env_1"), environment("env_2"))
        case _, ["v1", "environments", *_]:
            return environment("env_1")
        case "GET", ["v1", "vaults"]:
            return page(query, vault("vlt_1"), vault("vlt_2"))
        case _, ["v1", "vaults", _, "credentials", _, "mcp_oauth_validate"]:
            return {"type": "vault_credential_validation", "credential_id": "vcrd_1", "vault_id": "vlt_1", "status": "valid",
                    "has_refresh_token": True, "mcp_probe": None, "refresh": None, "validated_at": NOW}
        case "GET", ["v1", "vaults", _, "credentials"]:
            return page(query, credential("vcrd_1"), credential("vcrd_2"))
        case _, ["v1", "vaults", _, "credentials", *_]:
            return credential("vcrd_1")
        case _, ["v1", "vaults", *_]:
            return vault("vlt_1")
        case "GET", ["v1", "deployments"]:
            return page(query, deployment("depl_1"), deployment("depl_2"))
        case "GET", ["v1", "deployment_runs"]:
            return page(query, deployment_run("drun_1"), deployment_run("drun_2"))
        case _, ["v1", "deployments", _, "run"]:
            return deployment_run("drun_1")
        case _, ["v1", "deployments", *_]:
            return deployment("depl_1")
        case "GET", ["v1", "sessions", _, "events"]:
            return page(query, event("sevt_1", "user.message"), event("sevt_2", "agent.message"))
        case "POST", ["v1", "sessions", _, "events"]:
            return {"data": [event("sevt_1", "user.message")]}
        case "GET", ["v1", "sessions"]:
            return page(query, session(), session() | {"id": "sesn_2"})
        case "GET", ["v1", "sessions", _, "resources"]:
            return page(query, resource("sesrsc_1"), resource("sesrsc_2"))
        case _, ["v1", "sessions", _, "resources", *_]:
            return resource("sesrsc_1")
        case _, ["v1", "sessions", *_]:
            return session()
        case "GET", ["v1", "files"]:
            return page(query, file("file_1"), file("file_2"))
        case "POST", ["v1", "files"]:
            return file("file_1")
        case "GET", ["v1", "models", name]:
            return {"id": name, "type": "model", "display_name": "A model", "created_at": NOW}
    return {"type": "error", "error": {"type": "not_found_error", "message": f"no answer for {method} {path}"}}


def page(query, first, second):
    if query.get("limit") == "1":
        return {"data": [first], "next_page": None}
    return {"data": [second], "next_page": None} if "page" in query else {"data": [first], "next_page": "page two/=+"}


def skill(name):
    return {"id": name, "type": "skill", "created_at": NOW, "updated_at": NOW, "display_name": "pslc-padel",
            "latest_version_id": "skver_2", "source": {"type": "custom"}}


def version(name):
    return {"id": name, "type": "skill_version", "created_at": NOW, "description": "Courts.", "name": "pslc-padel",
            "skill_id": "skill_1"}


def agent(number):
    return {"id": "agent_1", "type": "agent", "name": "Coach", "version": number, "model": {"id": "claude-opus-5-5"},
            "skills": [{"type": "custom", "skill_id": "skill_1", "version": "skver_2"}], "tools": [], "mcp_servers": [],
            "metadata": {"release": "1.2.3"}, "created_at": NOW, "updated_at": NOW, "archived_at": None}


def event(name, kind):
    return {"id": name, "type": kind, "content": [{"type": "text", "text": "Free courts?"}], "processed_at": NOW}


def session():
    return {"id": "sesn_1", "type": "session", "status": "idle", "agent": agent(2), "environment_id": "env_1",
            "created_at": NOW, "updated_at": NOW, "archived_at": None, "metadata": {}, "resources": [], "vault_ids": [],
            "stats": {}, "usage": {}, "outcome_evaluations": []}


def environment(name):
    return {"id": name, "type": "environment", "name": "padel", "description": "", "config": {"type": "cloud"},
            "metadata": {}, "created_at": NOW, "updated_at": NOW, "archived_at": None}


def vault(name):
    return {"id": name, "type": "vault", "display_name": "padel", "metadata": {}, "created_at": NOW, "updated_at": NOW,
            "archived_at": None}


def credential(name):
    return {"id": name, "type": "vault_credential", "vault_id": "vlt_1", "display_name": "x", "metadata": {},
            "auth": {"type": "static_bearer", "mcp_server_url": "https://mcp.slack.com/mcp"}, "created_at": NOW,
            "updated_at": NOW, "archived_at": None}


def resource(name):
    return {"id": name, "type": "file", "file_id": "file_2", "mount_path": "/root/.env", "created_at": NOW,
            "updated_at": NOW}


def deployment(name):
    return {"id": name, "type": "deployment", "name": "padel", "agent": {"type": "agent", "id": "agent_1", "version": 2},
            "environment_id": "env_1", "initial_events": [], "schedule": None, "vault_ids": [], "resources": [],
            "budget": None, "metadata": {}, "status": "active", "paused_reason": None, "created_at": NOW,
            "updated_at": NOW, "archived_at": None}


def deployment_run(name):
    return {"id": name, "type": "deployment_run", "deployment_id": "depl_1", "session_id": "sesn_1", "error": None,
            "agent": {"type": "agent", "id": "agent_1", "version": 2}, "trigger_context": {"type": "manual"},
            "created_at": NOW}


def file(name):
    return {"id": name, "type": "file", "filename": "notes.txt", "mime_type": "text/plain", "size_bytes": 5,
            "created_at": NOW, "downloadable": False}
