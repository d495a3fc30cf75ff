"""`cargo lambda` serves the bridge's function: what an emulator that others wrote makes of a request is understood, and what the
function answers is passed on. Run by scripts/conformance-aws: cargo_lambda.py --cargo-lambda FILE --program FILE."""
import argparse
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

SECRET = "simulated-signing-secret"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def post(url, body, kind, secret=SECRET):
    stamp = str(int(time.time()))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": signature}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_for(port):
    for _ in range(300):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit("cargo lambda does not listen")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cargo-lambda", required=True)
    parser.add_argument("--program", required=True)
    options = parser.parse_args()
    port = free_port()
    # Only the Runtime API and the front: the program is built already, and is started here.
    watch = [options.cargo_lambda, "lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", str(port)]
    emulator = subprocess.Popen(watch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    function = None
    try:
        wait_for(port)
        function = subprocess.Popen([os.path.abspath(options.program)], stderr=subprocess.DEVNULL, env={
            "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{port}/.rt", "AWS_LAMBDA_FUNCTION_NAME": "bootstrap",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "PADEL_FUNCTION": "accept", "PADEL_TABLE": "none",
            "PADEL_ANSWER_FUNCTION": "none", "PADEL_SLACK_CHANNELS": "C0PADEL0001", "SLACK_SIGNING_SECRET": SECRET,
        })
        url = f"http://127.0.0.1:{port}/slack/events"
        challenge = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV"}).encode()
        other = json.dumps({"type": "event_callback", "event": {"type": "message", "text": "é"}}, ensure_ascii=False).encode()
        # The emulator sends the second kind as base64.
        for kind in ("application/json", "application/octet-stream"):
            for wanted, got in [
                ((200, "3eZbrw1aBm2rZgRNFdxV"), post(url, challenge, kind)),
                ((200, ""), post(url, other, kind)),
                ((401, ""), post(url, challenge, kind, secret="another")),
                ((404, "no such address\n"), post(url + "/other", challenge, kind)),
            ]:
                if got != wanted:
                    sys.exit(f"{kind}: {got}, expected {wanted}")
        print("cargo lambda: 8 requests are answered as they should be")
    finally:
        for process in (function, emulator):
            if process:
                process.terminate()
                process.wait()


main()
