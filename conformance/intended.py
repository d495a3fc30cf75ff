"""Where our client differs from the SDK on purpose. One that no longer occurs is an error, as is any other difference."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Intended:
    fact: str
    reason: str
    operation: str = "*"
    ours: object = None
    """What ours must be: None for absent, ... for whatever it is."""

    def explains(self, operation, fact, ours):
        return (
            fnmatchcase(fact, self.fact)
            and fnmatchcase(operation, self.operation)
            and (self.ours is ... or self.ours == ours)
        )


INTENDED = [
    Intended("header.user-agent", "each says who it is", ours=...),
    Intended("header.x-stainless-*", "tells the SDK's makers about its runtime; the service does not need it"),
    Intended("header.connection", "keeping it open is what HTTP/1.1 does anyway"),
    Intended("header.accept-encoding", "what our HTTP client can unpack", ours="gzip"),
    Intended("query.limit", "fewer requests for long lists", ours="100"),
    Intended("header.content-type", "there is no body to have a type", "delete_*"),
    Intended("header.content-type", "there is no body to have a type", "archive_*"),
    Intended("header.content-type", "there is no body to have a type", "*_deployment"),
    Intended("header.content-type", "there is no body to have a type", "validate_credential"),
    Intended("header.accept-encoding", "packed events would wait for more of them", "stream", ours="identity"),
    Intended("header.content-length", "a DELETE needs none; only the SDK's signed ones have it", "delete_*"),
    Intended("auth.signed.accept-encoding", "set by the HTTP client, after signing; a proxy may change it"),
    Intended("auth.signed.content-length", "set by the HTTP client, after signing; the hash covers the body"),
    # The SDK leaves this request to its user. GitHub's documentation shows it without.
    Intended("header.accept", "the answer is JSON", "identity token", ours="application/json"),
]
