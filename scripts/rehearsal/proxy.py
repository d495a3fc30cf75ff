"""The rehearsal's egress proxy, an addon of mitmproxy: one host is allowed and led to the simulated club.

Any other host is refused as the cloud sandbox does it: 403 with `x-deny-reason: host_not_allowed`, a CONNECT before
there is a tunnel. What came out of a tunnel is told in REHEARSE_SEEN, a line each: proof that TLS was inspected.
"""

import os

from mitmproxy import http

ALLOWED = os.environ["REHEARSE_HOST"]
PORT = int(os.environ["REHEARSE_CLUB_PORT"])
SEEN = os.environ["REHEARSE_SEEN"]


def tell(line):
    with open(SEEN, "a") as seen:
        print(line, file=seen)


def refuse(flow):
    # An answer that is there already is the 407 for a missing or wrong password.
    if flow.response is None and flow.request.host != ALLOWED:
        tell(f"refused {flow.request.method} {flow.request.host}")
        flow.response = http.Response.make(403, b"", {"x-deny-reason": "host_not_allowed"})


def http_connect(flow):
    refuse(flow)


def request(flow):
    refuse(flow)
    if flow.response is None:
        tell(f"passed {flow.request.method} {flow.request.scheme}://{flow.request.host}{flow.request.path.split('?')[0]}")


def server_connect(data):
    # The club's certificate is for 127.0.0.1, and is verified as such.
    data.server.address = ("127.0.0.1", PORT)
    data.server.sni = "127.0.0.1"
