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
    Intended("header.x-stainless-*", "tells the SDK's maker about its runtime; the service does not need it"),
]
