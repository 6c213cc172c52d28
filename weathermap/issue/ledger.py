"""The chain of an issue's events: each hash seals the event and everything before it (DESIGN answer 3)."""

from __future__ import annotations

import struct
from hashlib import sha256

START = bytes(32)  # what the first event of an issue is chained to
_FIXED = struct.Struct(">qiqi")
_ACTOR = struct.Struct(">q")


def seal(previous: bytes, issue_id: int, seq: int, at_us: int, move: str, actor: int, data: str) -> bytes:
    """sha256(prev ‖ int8 issue ‖ int4 seq ‖ int8 µs ‖ int4 length ‖ move ‖ int8 actor ‖ sha256(data)), big-endian."""
    name = move.encode()
    head = _FIXED.pack(issue_id, seq, at_us, len(name))
    return sha256(previous + head + name + _ACTOR.pack(actor) + sha256(data.encode()).digest()).digest()
