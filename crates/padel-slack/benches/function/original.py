"""A handler in Python that does for Slack what the bridge's accept function does, as such functions are usually written: it
checks the signature and says the message in one session of the platform. Only scripts/bench runs it."""
import hashlib
import hmac
import json
import os
import time

from anthropic import AnthropicAWS

CLIENT = AnthropicAWS(max_retries=0)
SECRET = os.environ["SLACK_SIGNING_SECRET"].encode()
SESSION = os.environ["PADEL_SESSION_ID"]


def handle(event, _context):
    headers = {name.lower(): value for name, value in event["headers"].items()}
    stamp, body = headers["x-slack-request-timestamp"], event["body"]
    signature = "v0=" + hmac.new(SECRET, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    if abs(time.time() - int(stamp)) > 300 or not hmac.compare_digest(signature, headers["x-slack-signature"]):
        return {"statusCode": 401, "body": ""}
    message = json.loads(body)["event"]
    text = f"slack-event channel={message['channel']} user={message['user']}: {message['text']}"
    CLIENT.beta.sessions.events.send(SESSION, events=[{"type": "user.message", "content": [{"type": "text", "text": text}]}])
    return {"statusCode": 200, "body": ""}
