"""Each day's root: one hash over the heads of all chains that changed since the root before, chained to it.

Tree: RFC 6962. A leaf is sha256(0x00 ‖ int8 issue ‖ int4 seq ‖ head's hash), in order of issue; a node is
sha256(0x01 ‖ left ‖ right); the empty tree is sha256(""). Chain: hash = sha256(previous hash ‖ int4 length ‖
city's code ‖ int4 number ‖ int4 days since 1970 ‖ int8 leaves ‖ tree), big-endian, the first from 32 zero bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Connection, select, text

from weathermap.errors import UnknownName
from weathermap.issue.ledger import START
from weathermap.store import copy
from weathermap.store import tables as t
from weathermap.store.root_tables import event_leaf, event_root
from weathermap.store.sql import query

LOCK = 0x57EAA  # with the city's id beside it
_LEAF = struct.Struct(">qi")
_HEAD = struct.Struct(">iiq")
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Root:
    """One root, as it is stored and exported."""

    city: str
    root_no: int
    day: date
    leaves: int
    tree: bytes
    previous: bytes
    hash: bytes


def leaf_hash(issue_id: int, seq: int, head: bytes) -> bytes:
    return sha256(b"\0" + _LEAF.pack(issue_id, seq) + head).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """The tree from the leaves up to its root. A level's last node without a partner rises as it is."""
    found = [list(leaves)]
    while len(found[-1]) > 1:
        below = found[-1]
        above = [node_hash(below[k], below[k + 1]) for k in range(0, len(below) - 1, 2)]
        found.append(above + below[len(below) - len(below) % 2 :])
    return found


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of leaf hashes."""
    return levels_of(leaves)[-1][0] if leaves else sha256(b"").digest()


def chain_hash(previous: bytes, city: str, root_no: int, day: date, leaves: int, tree: bytes) -> bytes:
    name = city.encode()
    head = struct.pack(">i", len(name)) + name + _HEAD.pack(root_no, (day - EPOCH).days, leaves)
    return sha256(previous + head + tree).digest()


def seal_day(connection: Connection, code: str, early: bool = False) -> Root | None:
    """Seal what changed up to now under yesterday's date, or with `early` under today's. None: that day has its root.

    Deterministic: of the same heads, whoever does it and whenever. Several at once make one. The caller owns the
    transaction. Raises UnknownName.
    """
    row = connection.execute(select(t.city.c.city_id, t.city.c.timezone).where(t.city.c.code == code)).first()
    if row is None:
        raise UnknownName(f"There is no city {code!r}.", "`weathermap city load DIR` loads one.")
    lock = text("SELECT pg_advisory_xact_lock(:lock, :city)")
    connection.execute(lock, {"lock": LOCK, "city": row.city_id})
    day = datetime.now(ZoneInfo(row.timezone)).date() - timedelta(days=0 if early else 1)
    last = roots_of(connection, code, newest=True)
    if last and last[0].day >= day:
        return None
    heads = connection.execute(query("root_heads"), {"city_id": row.city_id}).all()
    number, previous = (last[0].root_no + 1, last[0].hash) if last else (1, START)
    tree = tree_hash([leaf_hash(issue_id, seq, bytes(head)) for issue_id, seq, head in heads])
    made = Root(
        code, number, day, len(heads), tree, previous, chain_hash(previous, code, number, day, len(heads), tree)
    )
    stored = {"city_id": row.city_id, "root_no": number, "day": day, "leaves": len(heads), "tree": tree}
    connection.execute(event_root.insert().values(**stored, hash=made.hash, made_at=datetime.now(UTC)))
    _keep_leaves(connection, row.city_id, number, heads)
    return made


def _keep_leaves(connection: Connection, city_id: int, root_no: int, heads: Sequence[Sequence[object]]) -> None:
    if not heads:
        return
    issue_id, seq, head = zip(*heads, strict=True)
    columns = {
        "city_id": copy.numbers(np.full(len(heads), city_id)),
        "root_no": copy.numbers(np.full(len(heads), root_no)),
        "issue_id": copy.numbers(np.array(issue_id)),
        "seq": copy.numbers(np.array(seq)),
        "hash": copy.binary([bytes(each) for each in head]),
    }
    copy.copy_columns(connection, event_leaf.name, columns)


def roots_of(connection: Connection, code: str, after: int = 0, newest: bool = False) -> list[Root]:
    """A city's roots from number `after` + 1 on, oldest first; or only the newest."""
    r = event_root.c
    asked = select(event_root).join(t.city, t.city.c.city_id == r.city_id).where(t.city.c.code == code)
    chosen = asked.order_by(r.root_no.desc()).limit(1) if newest else asked.order_by(r.root_no)
    rows = connection.execute(chosen.where(r.root_no > after)).all()
    found: list[Root] = []
    for row in rows:
        before = select(r.hash).where(r.city_id == row.city_id, r.root_no == row.root_no - 1)
        previous = found[-1].hash if found else bytes(connection.execute(before).scalar() or START)
        found.append(Root(code, row.root_no, row.day, row.leaves, bytes(row.tree), previous, bytes(row.hash)))
    return found
