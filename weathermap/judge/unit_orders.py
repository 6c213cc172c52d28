"""Orders (督办) and public listings (挂牌督办) of a unit, itself or for its town: given by a commander, answered by the
unit's head, closed by a commander. What came of them is read with the orders on issues (weathermap/issue/orders.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from weathermap.errors import IllegalMove, Refused, Stale, UnknownName
from weathermap.notice.writing import tell_of_order
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.notice_tables import unit_order, unit_order_event

NOTE_LENGTH = 500
LISTING = ("order", "list_publicly")


@dataclass(frozen=True)
class OrderMove:
    """What may be done to an order whose last event is one of `after`; `unit`: by that unit's people alone."""

    zh: str
    en: str
    after: tuple[str, ...]
    roles: frozenset[str]
    unit: bool
    until: bool  # a new term may be given with it


def _move(zh: str, en: str, after: str, roles: str, unit: bool = False, until: bool = False) -> OrderMove:
    return OrderMove(zh, en, tuple(after.split()), frozenset(roles.split()), unit, until)


MOVES: dict[str, OrderMove] = {
    "give": _move("下达", "Give", "", "commander", until=True),
    "answer": _move("答复", "Answer", "give return", "head", unit=True),
    "return": _move("退回重办", "Not accepted", "answer", "commander", until=True),
    "close": _move("销号", "Close", "give return answer", "commander"),
    "withdraw": _move("撤回", "Withdraw", "give return", "commander"),
}


def order_moves(account: Account, last: str, unit_id: int) -> list[str]:
    """What this account may do to an order on `unit_id` whose last event is `last`."""
    if account.person_id is None:
        return []
    return [
        name
        for name, move in MOVES.items()
        if last in move.after and move.roles & set(account.roles) and (not move.unit or account.unit_id == unit_id)
    ]


def give_order(
    connection: Connection,
    account: Account,
    unit: str,
    note: str,
    until: datetime | None,
    move: str = "order",
    place: str = "",
) -> int:
    """Order a unit, by its code. `place`: LEVEL:CODE of an area; without a unit it is the one that governs the area.

    Returns the order's id. Raises Refused, UnknownName.
    """
    now = datetime.now(UTC)
    if account.person_id is None or account.city_id is None or not MOVES["give"].roles & set(account.roles):
        zh = "督办与挂牌督办由指挥长下达。"
        raise Refused(f"{account.name} gives no orders.", "Orders and public listings are the commanders'.", zh)
    if move not in LISTING:
        raise UnknownName(f"There is no kind of order {move!r}.", f"Kinds: {', '.join(LISTING)}.")
    if until is None or until <= now:
        raise Refused("An order needs a date ahead.", "Choose a day after today.", "期限必须晚于现在，请另选日期。")
    unit_id = _unit_of(connection, account.city_id, unit, place)
    values = {"city_id": account.city_id, "move": move, "unit_id": unit_id, "place": place, "seq": 1}
    order_id = int(connection.execute(unit_order.insert().values(values).returning(unit_order.c.order_id)).scalar_one())
    _append(connection, account, account.city_id, order_id, unit_id, 1, "give", _checked(note), until)
    return order_id


def move_order(
    connection: Connection,
    account: Account,
    order_id: int,
    seq: int,
    move: str,
    note: str,
    until: datetime | None = None,
) -> None:
    """Answer, return, close or withdraw an order that was seen at event number `seq`.

    Raises UnknownName, IllegalMove, Stale, Refused.
    """
    chosen = select(unit_order).where(unit_order.c.order_id == order_id, unit_order.c.city_id == account.city_id)
    row = connection.execute(chosen.with_for_update()).first()
    if row is None:
        raise UnknownName(f"There is no order {order_id}.", "See /desk/orders.", f"没有编号为 {order_id} 的督办令。")
    if move not in MOVES or move == "give":
        raise IllegalMove(f"There is no move {move!r} on an order.", f"Moves: {', '.join(list(MOVES)[1:])}.")
    e = unit_order_event.c
    last = connection.execute(select(e.move).where(e.order_id == order_id, e.seq == row.seq)).scalar_one()
    if row.seq != seq:
        zh = f"该督办令已有变化（{MOVES[last].zh}），请再看一遍。"
        raise Stale(f"Order {order_id} changed meanwhile: {MOVES[last].en}.", "Look again.", zh)
    if last not in MOVES[move].after:
        raise IllegalMove(f"{MOVES[move].en} is not possible now.", "Look again.", f"现在不能{MOVES[move].zh}。")
    if move not in order_moves(account, last, row.unit_id):
        raise Refused(f"{account.name} may not do this to order {order_id}.", zh="您不能办理这一项。")
    if until is not None and (not MOVES[move].until or until <= datetime.now(UTC)):
        raise Refused("The new term needs a date ahead.", "Choose a day after today.", "新期限必须晚于现在。")
    connection.execute(unit_order.update().where(unit_order.c.order_id == order_id).values(seq=seq + 1))
    _append(connection, account, row.city_id, order_id, row.unit_id, seq + 1, move, _checked(note), until)


def orders_told(connection: Connection, order_ids: Sequence[int]) -> dict[int, list[Any]]:
    """The events of orders, oldest first, with who did each."""
    e, p = unit_order_event.c, t.person.c
    asked = (
        select(e.order_id, e.seq, e.at, e.move, e.note, e.until, p.name, p.title)
        .join(t.person, p.person_id == e.actor)
        .where(e.order_id.in_(order_ids))
        .order_by(e.order_id, e.seq)
    )
    found: dict[int, list[Any]] = {order_id: [] for order_id in order_ids}
    for row in connection.execute(asked):
        found[row.order_id].append(row)
    return found


def orders_of(connection: Connection, account: Account) -> int:
    """How many orders wait for this account: for its answer, or for its decision on one."""
    o, e = unit_order.c, unit_order_event.c
    last = select(func.count()).join_from(unit_order, unit_order_event, (e.order_id == o.order_id) & (e.seq == o.seq))
    waiting = last.where(o.city_id == account.city_id)
    if "commander" in account.roles:
        return int(connection.execute(waiting.where(e.move == "answer")).scalar_one())
    if "head" not in account.roles:
        return 0
    mine = waiting.where(o.unit_id == account.unit_id, e.move.in_(MOVES["answer"].after))
    return int(connection.execute(mine).scalar_one())


def _checked(note: str) -> str:
    if not note.strip():
        raise Refused(
            "Words are needed.", "Say what is to be done, what was done, or why.", "请写明要求、办理情况或理由。"
        )
    if len(note) > NOTE_LENGTH:
        zh = f"文字有 {len(note)} 个字，最多 {NOTE_LENGTH} 个。"
        raise Refused(f"The text has {len(note)} characters.", f"At most {NOTE_LENGTH} are kept.", zh)
    return note.strip()


def _append(
    connection: Connection,
    account: Account,
    city_id: int,
    order_id: int,
    unit_id: int,
    seq: int,
    move: str,
    note: str,
    until: datetime | None,
) -> None:
    now = datetime.now(UTC)
    values = {"order_id": order_id, "seq": seq, "at": now, "move": move, "actor": account.person_id}
    connection.execute(unit_order_event.insert().values(**values, note=note, until=until))
    tell_of_order(connection, city_id, now, order_id, seq, move, unit_id, account.person_id or 0)


def _unit_of(connection: Connection, city_id: int, unit: str, place: str) -> int:
    level, _, code = place.partition(":")
    a, u = t.area.c, t.unit.c
    if place and connection.execute(
        select(a.area_id).where(a.city_id == city_id, a.level == level, a.code == code).limit(1)
    ).first() is None:  # fmt: skip
        raise UnknownName(f"There is no area {place!r}.", "Write LEVEL:CODE.", "没有这个区域。")
    chosen = u.code == unit if unit else u.area == code
    found = connection.execute(select(u.unit_id).where(u.city_id == city_id, ~u.retired, chosen)).scalar()
    if found is None or not (unit or code):
        what = f"unit {unit!r}" if unit else f"unit that governs {place!r}" if place else "unit named"
        raise UnknownName(f"There is no {what}.", "Choose a unit of the list.", "请选择责任单位。")
    return int(found)
