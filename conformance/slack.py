"""Slack's own libraries, unmodified, against the simulated workspace: scripts/conformance-slack

An app of slack_bolt gets its messages over HTTP and over Socket Mode and answers in their threads; slack_sdk's client
calls each method of the Web API, and its verifier makes the signature that each delivery carries.
"""

import argparse
import json
import logging
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.signature import SignatureVerifier

BOT_TOKEN = "xoxb-simulated-bot-token"
APP_TOKEN = "xapp-simulated-app-token"
SECRET = "simulated-signing-secret-0123456"
CHANNEL = "C0PADEL0001"
# Every wait here ends long before; a loaded machine needs some of it.
PATIENCE = 40

# What goes wrong on purpose is not worth a line.
logging.disable(logging.CRITICAL)


class Workspace:
    """A simulated workspace in a process of its own, and the hands of the people in it."""

    def __init__(self, simulator, *options):
        self.simulator = simulator
        self.process = subprocess.Popen(
            [simulator, "serve", "--person", "U0ANNA00001=anna", "--channel", f"{CHANNEL}=padel", *options],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        self.client = WebClient(token=BOT_TOKEN, base_url=f"{self.url}/api/")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, "the simulator failed"

    def run(self, command, *arguments):
        done = subprocess.run(
            [self.simulator, command, self.url, *arguments], capture_output=True, text=True, timeout=2 * PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def type(self, text, thread=None):
        below = ["--thread", thread] if thread else []
        return self.run("type", "--as", "anna", "--channel", "padel", *below, text).strip()

    def read(self, thread, answers):
        waiting = ["--answers", str(answers), "--within", str(PATIENCE)]
        return self.run("read", "--channel", "padel", "--thread", thread, *waiting)

    def control(self, method, path, order=None):
        body = json.dumps(order).encode() if order else None
        request = urllib.request.Request(f"{self.url}/__sim/{path}", body, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read()

    def attempts(self):
        return json.loads(self.control("GET", "deliveries"))


def make_app(workspace):
    """An app that says what it heard, in the thread of what it heard, and keeps the requests."""
    app = App(signing_secret=SECRET, client=workspace.client)
    app.requests = []

    @app.middleware
    def keep(req, next):
        app.requests.append(req)
        return next()

    @app.message("free")
    def answer(message, say, client):
        try:
            client.reactions_add(channel=message["channel"], timestamp=message["ts"], name="eyes")
        except SlackApiError as error:
            # A doubled event.
            assert error.response["error"] == "already_reacted"
        say(text=f"You asked: {message['text']}", thread_ts=message.get("thread_ts", message["ts"]))

    @app.event("message")
    def ignore(event):
        pass

    return app


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def serve_http(app):
    """Bolt's own server, on a free port; returns the request URL."""
    port = free_port()
    threading.Thread(target=app.start, kwargs={"port": port, "http_server_logger_enabled": False}, daemon=True).start()
    for _ in range(PATIENCE * 50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"http://127.0.0.1:{port}/slack/events"
        time.sleep(0.02)
    raise AssertionError("bolt's server does not listen")


def try_http(simulator):
    with Workspace(simulator) as workspace:
        app = make_app(workspace)
        # Bolt answers the challenge, and refuses a wrong signature with 401.
        workspace.run("point", serve_http(app))
        ts = workspace.type("Is a court free at 18:00 <here>? 🎾")
        shown = workspace.read(ts, 1)
        assert "You asked: Is a court free at 18:00 <here>? 🎾" in shown, shown
        assert ":eyes: 1" in shown, shown

        workspace.control("POST", "mishaps", {"mishap": "failed=ssl_error"})
        ts = workspace.type("free after a retry?")
        assert "free after a retry?" in workspace.read(ts, 1)
        assert app.requests[-1].headers["x-slack-retry-num"] == ["1"], app.requests[-1].headers
        assert app.requests[-1].headers["x-slack-retry-reason"] == ["ssl_error"], app.requests[-1].headers

        workspace.control("POST", "mishaps", {"mishap": "doubled=2"})
        ts = workspace.type("free twice over?")
        assert workspace.read(ts, 3).count("You asked") == 3, "a bolt app does not tell doubled events apart"
        answered = [attempt["outcome"] for attempt in workspace.attempts()]
        assert {"answered": 401} not in answered, answered


def try_socket_mode(simulator):
    with Workspace(simulator, "--socket-mode") as workspace:
        app = make_app(workspace)
        handler = SocketModeHandler(app, APP_TOKEN, ping_interval=1)
        handler.connect()
        typed = []
        for order in ["", "refresh", "drop", "warn"]:
            if order:
                session = handler.client.current_session
                workspace.control("POST", "sockets", {"order": order})
                wait_until(lambda: handler.client.current_session is not session)
                wait_until(handler.client.is_connected)
                assert handler.client.current_session is not session, f"not reconnected after {order}"
            ts = workspace.type(f"free after {order}?")
            assert f"You asked: free after {order}?" in workspace.read(ts, 1)
            reply = workspace.type("free below?", ts)
            assert "You asked: free below?" in workspace.read(ts, 2)
            typed += [ts, reply]
        # What the app itself said comes as events as well; some of them meet a closing connection.
        acknowledged = [a["ts"] for a in workspace.attempts() if a["outcome"] == "acknowledged"]
        assert set(typed) <= set(acknowledged), workspace.attempts()
        handler.close()


def wait_until(is_so, most=PATIENCE):
    end = time.monotonic() + most
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)


def refusal(call, **arguments):
    try:
        call(**arguments)
    except SlackApiError as error:
        return error.response["error"]
    raise AssertionError(f"{call.__name__} was not refused")


def try_web_client(simulator):
    with Workspace(simulator, "--scope", "chat:write", "--scope", "channels:history", "--scope", "channels:read",
                   "--scope", "reactions:write", "--scope", "metadata.message:read", "--scope", "im:write") as workspace:
        client = workspace.client
        me = client.auth_test()
        assert me["bot_id"] == "B0SIMBOT001" and "chat:write" in me.headers["x-oauth-scopes"]
        root = client.chat_postMessage(channel=CHANNEL, text="root")["ts"]
        metadata = {"event_type": "padel_answer", "event_payload": {"question": "m#1"}}
        client.chat_postMessage(
            channel=CHANNEL, thread_ts=root, markdown_text="**one**", metadata=metadata, unfurl_links=False
        )
        client.chat_postMessage(channel=CHANNEL, thread_ts=root, text="two")

        pages = client.conversations_replies(channel=CHANNEL, ts=root, limit=2, include_all_metadata=True)
        pages = [page["messages"] for page in pages]
        assert [[message["text"] for message in page] for page in pages] == [["root", "**one**"], ["two"]], pages
        assert pages[0][1]["metadata"] == metadata
        assert client.conversations_history(channel=CHANNEL)["messages"][0]["reply_count"] == 2
        assert client.conversations_info(channel=CHANNEL)["channel"]["is_member"] is True
        assert client.conversations_open(users="U0ANNA00001")["channel"]["id"] == "D0ANNA00001"

        client.reactions_add(channel=CHANNEL, timestamp=root, name="eyes")
        assert refusal(client.reactions_add, channel=CHANNEL, timestamp=root, name="eyes") == "already_reacted"
        client.reactions_remove(channel=CHANNEL, timestamp=root, name="eyes")
        assert refusal(client.conversations_replies, channel=CHANNEL, ts="1.0") == "thread_not_found"
        assert refusal(client.conversations_history, channel="C1") == "channel_not_found"
        assert refusal(client.apps_connections_open, app_token=BOT_TOKEN) == "not_allowed_token_type"
        assert refusal(WebClient(token="xoxb-no", base_url=client.base_url).auth_test) == "invalid_auth"
        # The burst is used up sooner or later; the library then waits as it is told.
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
        for number in range(5):
            client.chat_postMessage(channel=CHANNEL, text=f"number {number}")
        calls = json.loads(workspace.control("GET", "calls"))
        assert 429 in [call["status"] for call in calls], "nothing was limited"


def try_signatures(simulator):
    """Each delivery carries the signature that slack_sdk makes of the same bytes."""
    seen = []

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append((dict(self.headers.items()), body))
            answer = json.loads(body).get("challenge", "").encode()
            self.send_response(200)
            self.send_header("content-type", "text/plain")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Keeper)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    texts = ["plain", "Plätze frei? 🎾", "a/b \\ \"c\"\nd", "<!here> & <@U1>"]
    with Workspace(simulator) as workspace:
        workspace.run("point", f"http://127.0.0.1:{server.server_port}/")
        for text in texts:
            workspace.type(text)
        wait_until(lambda: len(seen) > len(texts))
    server.shutdown()
    assert len(seen) == len(texts) + 1, len(seen)
    verifier = SignatureVerifier(SECRET)
    for headers, body in seen:
        headers = {name.lower(): value for name, value in headers.items()}
        assert verifier.is_valid_request(body, headers), headers
        changed = json.dumps(json.loads(body)).encode()
        assert not verifier.is_valid_request(changed, headers), "a body that was written again passes"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--simulator", required=True, help="the binary slack-sim")
    simulator = parser.parse_args().simulator
    for attempt in [try_signatures, try_web_client, try_http, try_socket_mode]:
        began = time.monotonic()
        attempt(simulator)
        print(f"{attempt.__name__}: ok, {time.monotonic() - began:.1f} s", flush=True)
    # Bolt's threads have no end of their own.
    os._exit(0)


if __name__ == "__main__":
    main()
