"""A recorded request as flat facts, so that two of them can be compared fact by fact.

Facts are what a service can see, but for what differs by nature: times, boundaries, lengths. A signature is computed
again from the request as it arrived, with the standard library alone, and becomes the fact `valid` or `wrong`.
"""

import hashlib
import hmac
import json
import re
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl, quote, unquote, urlsplit

# Their values differ from request to request.
PRESENCE_ONLY = {"content-length", "x-amz-date"}
# The server's address is given, and the rest is told under `auth`.
LEFT_OUT = {"host", "authorization"}


def facts(request, secret):
    """Facts by name, such as `header.accept` or `auth.signed`. `secret` is the AWS secret access key."""
    parts = urlsplit(request.target)
    found = {"method": request.method, "path": parts.path}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        found[f"query.{name}"] = value
    for name, value in request.headers:
        name = name.lower()
        if name not in LEFT_OUT:
            found[f"header.{name}"] = "given" if name in PRESENCE_ONLY else value.split("; boundary=")[0]
    return found | authorization(request, secret) | body(request)


def authorization(request, secret):
    scheme, _, rest = (request.header("authorization") or "none").partition(" ")
    if scheme != "AWS4-HMAC-SHA256":
        return {"auth.scheme": scheme, "auth.token": rest}
    given = dict(part.split("=", 1) for part in re.split(r",\s*", rest))
    key, date, scope = given["Credential"].split("/", 2)
    signed = given["SignedHeaders"].split(";")
    right = signature(request, signed, date, scope, secret)
    found = {"auth.scheme": scheme, "auth.key": key, "auth.scope": scope,
             "auth.signature": "valid" if hmac.compare_digest(right, given["Signature"]) else "wrong"}
    return found | {f"auth.signed.{name}": "signed" for name in signed}


def signature(request, signed, date, scope, secret):
    """Signature version 4, as AWS documents it."""
    parts = urlsplit(request.target)
    query = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in parse_qsl(parts.query, True))
    canonical = "\n".join([
        request.method,
        quote(parts.path, safe="/~"),
        "&".join(f"{name}={value}" for name, value in query),
        *(f"{name}:{' '.join(request.header(name).split())}" for name in signed),
        "",
        ";".join(signed),
        hashlib.sha256(request.body).hexdigest(),
    ])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.header("x-amz-date"), f"{date}/{scope}", digest])
    key = ("AWS4" + secret).encode()
    for word in [date, *scope.split("/")]:
        key = hmac.digest(key, word.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def body(request):
    kind = request.header("content-type") or ""
    if kind.startswith("multipart/form-data"):
        head = f"content-type: {kind}\r\n\r\n".encode()
        parts = BytesParser(policy=HTTP).parsebytes(head + request.body).get_payload()
        return {f"part.{number}": part(piece) for number, piece in enumerate(parts, 1)}
    if not request.body:
        return {}
    try:
        return {"body": json.loads(request.body)}
    except ValueError:
        return {"body": hashlib.sha256(request.body).hexdigest()}


def part(piece):
    name, filename = (piece.get_param(key, header="content-disposition") for key in ("name", "filename"))
    return {"name": name, "filename": filename, "type": piece["content-type"],
            "sha256": hashlib.sha256(piece.get_payload(decode=True)).hexdigest()}


def differences(sdk, ours):
    """Facts that are not the same on both sides: name, the SDK's, ours; None where there is none."""
    for name in sorted(sdk.keys() | ours.keys()):
        header = name.replace("auth.signed.", "header.")
        # What is not sent cannot be signed: told once, as a header.
        if header != name and header != "header.host" and (header not in sdk or header not in ours):
            continue
        if sdk.get(name) != ours.get(name):
            yield name, sdk.get(name), ours.get(name)
