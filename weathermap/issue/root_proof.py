"""That an issue's chain lies under a root: the few hashes from its head up to the root, for anyone to recount."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from weathermap.errors import UnknownName
from weathermap.issue.roots import chain_hash, leaf_hash, levels_of, node_hash
from weathermap.store import tables as t
from weathermap.store.root_tables import event_leaf, event_root

Proof = dict[str, Any]


def proof_of(connection: Connection, number: str) -> Proof:
    """The proof of an issue's last sealed head, as JSON types, hashes in hex. Raises UnknownName."""
    row = connection.execute(
        select(t.issue.c.issue_id, t.issue.c.number, t.city.c.code, t.city.c.city_id)
        .join(t.city, t.city.c.city_id == t.issue.c.city_id)
        .where(t.issue.c.number == number)
    ).first()
    if row is None:
        raise UnknownName(f"There is no issue {number!r}.", "Write its public number.")
    leaf, root = event_leaf.c, event_root.c
    mine = select(event_leaf).where(leaf.issue_id == row.issue_id, leaf.city_id == row.city_id)
    head = connection.execute(mine.order_by(leaf.seq.desc()).limit(1)).first()
    if head is None:
        raise UnknownName(f"No root has sealed {number} yet.", "`weathermap roots --early` seals what changed today.")
    here = event_root.select().where(root.city_id == row.city_id)
    held = connection.execute(here.where(root.root_no == head.root_no)).one()
    before = connection.execute(here.where(root.root_no == head.root_no - 1)).first()
    under = select(leaf.issue_id, leaf.seq, leaf.hash).where(leaf.city_id == row.city_id, leaf.root_no == head.root_no)
    leaves = connection.execute(under.order_by(leaf.issue_id)).all()
    place = next(k for k, each in enumerate(leaves) if each.issue_id == row.issue_id)
    levels = levels_of([leaf_hash(each.issue_id, each.seq, bytes(each.hash)) for each in leaves])
    return {
        "issue": row.number,
        "issue_id": row.issue_id,
        "seq": head.seq,
        "hash": bytes(head.hash).hex(),
        "place": place,
        "leaves": held.leaves,
        "path": [each.hex() for each in _path(levels, place)],
        "tree": bytes(held.tree).hex(),
        "city": row.code,
        "root": held.root_no,
        "day": held.day.isoformat(),
        "previous": bytes(before.hash).hex() if before else "00" * 32,
        "root_hash": bytes(held.hash).hex(),
    }


def _path(levels: list[list[bytes]], place: int) -> list[bytes]:
    """The partners of the nodes above a leaf, from below; a node that rises alone has none."""
    found = []
    for level in levels[:-1]:
        if place ^ 1 < len(level):
            found.append(level[place ^ 1])
        place //= 2
    return found


def holds(proof: Proof) -> bool:
    """Whether the head lies under the root that the proof names, recounted from the proof alone."""
    held = leaf_hash(proof["issue_id"], proof["seq"], bytes.fromhex(proof["hash"]))
    path = [bytes.fromhex(each) for each in proof["path"]]
    place, width = proof["place"], proof["leaves"]
    while width > 1:
        if place ^ 1 < width:
            if not path:
                return False
            partner = path.pop(0)
            held = node_hash(partner, held) if place % 2 else node_hash(held, partner)
        place, width = place // 2, (width + 1) // 2
    day, previous = date.fromisoformat(proof["day"]), bytes.fromhex(proof["previous"])
    sealed = chain_hash(previous, proof["city"], proof["root"], day, proof["leaves"], held)
    return not path and held.hex() == proof["tree"] and sealed.hex() == proof["root_hash"]
