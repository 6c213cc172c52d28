"""Accounts bound to an area: their queues, lists, moves and exports hold what lies in it, and nothing else.

The area is kept as LEVEL:CODE, which outlives the borders' versions. What the walls count of every area stays for all.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from weathermap.errors import Refused, UnknownName
from weathermap.people.accounts import Account
from weathermap.store.catalog import Catalog, Place
from weathermap.store.registry import City


def bound_to(catalog: Catalog, account: Account) -> Place | None:
    """The area that an account is bound to, in the newest borders; None: the whole city. Raises Refused."""
    if not account.area:
        return None
    try:
        return catalog.place(catalog.versions[-1][0], *account.area.split(":", 1))
    except UnknownName as error:
        raise _gone(account) from error


def narrowed(catalog: Catalog, account: Account, asked: Place | None) -> int | None:
    """Id of the area that a list of this account's is of: the one asked for, which lies within its own, or its own.

    None: the whole city. Raises Refused for an area outside.
    """
    own = bound_to(catalog, account)
    if own is None or asked is None:
        return own.id if own else asked.id if asked else None
    if own.id not in asked.path:
        raise _outside(account, asked.name)
    return asked.id


def check_places(catalog: Catalog, account: Account, places: Collection[int], what: str) -> None:
    """Raises Refused when `what`, which lies in these areas, is none of this account's business."""
    own = bound_to(catalog, account)
    if own is not None and own.id not in places:
        raise _outside(account, what)


def check_moved(city: City, account: Account, places: Collection[int], number: str) -> None:
    """The same for who moves an issue, by the city as it decides."""
    if not account.area:
        return
    level, _, code = account.area.partition(":")
    table = city.pack.areas.get(level)
    rows = [] if table is None else np.flatnonzero(table.codes == code).tolist()
    if not rows:
        raise _gone(account)
    if int(city.area_ids[level][rows[0]]) not in places:
        raise _outside(account, number)


def _outside(account: Account, what: str) -> Refused:
    zh = f"{what} 不在账号 {account.login} 的辖区（{account.area}）内。"
    return Refused(f"{what} lies outside {account.area}, to which {account.login} is bound.", "Ask for less.", zh)


def _gone(account: Account) -> Refused:
    zh = f"账号绑定的区域 {account.area} 已不存在，请联系安全管理员。"
    remedy = "Ask the security administrator to bind the account anew."
    return Refused(f"The city has no area {account.area}, to which {account.login} is bound.", remedy, zh)
