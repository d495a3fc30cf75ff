"""An HTTP server on loopback that keeps every request as it came, and answers each operation plausibly.

It decides nothing and checks nothing: what it kept is compared elsewhere.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

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
            return {"id": name, "type": {"skills": "skill_deleted"}.get(kind, "skill_version_deleted")}
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
        case _, ["v1", "agents", _]:
            return agent(2)
        case "GET", ["v1", "sessions", _, "events"]:
            return page(query, event("sevt_1", "user.message"), event("sevt_2", "agent.message"))
        case "POST", ["v1", "sessions", _, "events"]:
            return {"data": [event("sevt_1", "user.message")]}
        case _, ["v1", "sessions", *_]:
            return session()
        case "POST", ["v1", "files"]:
            return {"id": "file_1", "type": "file", "filename": "notes.txt", "mime_type": "text/plain", "size_bytes": 5,
                    "created_at": NOW, "downloadable": False}
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
