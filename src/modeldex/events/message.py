"""The message: where a store is, as JSON; whoever hears it believes nothing else."""

from __future__ import annotations

import json

from modeldex.ports import Head

LONGEST = 1_024  # bytes; ours have about 150
_LAST_REVISION = (1 << 63) - 1
_LONGEST_TEXT = 128


def subject_of(environment: str) -> str:
    """Return the subject of an environment's revisions."""
    return f"modeldex.{environment}.rev"


def message_id(head: Head) -> str:
    """Return the id by which a broker knows a message that comes twice."""
    return f"{head.epoch}:{head.revision}"


def write_message(head: Head) -> bytes:
    """Write where a store is."""
    said = {"epoch": head.epoch, "revision": head.revision, "hash": head.hash}
    return json.dumps(said, separators=(",", ":")).encode()


def read_message(data: bytes) -> Head | None:
    """Read a message; None for what is none: anybody may have sent it."""
    if len(data) > LONGEST:
        return None
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    revision = said.get("revision")
    texts = [said.get("epoch"), said.get("hash")]
    if type(revision) is not int or not 0 < revision <= _LAST_REVISION:
        return None
    if not all(isinstance(t, str) and 0 < len(t) <= _LONGEST_TEXT for t in texts):
        return None
    return Head(revision, said["hash"], said["epoch"])
