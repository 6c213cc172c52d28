"""What the account that asks is bound to, wherever issues are shown or listed; without a sign-in nobody is bound."""

from __future__ import annotations

from collections.abc import Collection

from weathermap.people.bounds import check_places, narrowed
from weathermap.store.catalog import Catalog, Place
from web.auth import session


def check_list(catalog: Catalog, area: Place | None) -> None:
    """A list of all of `area` (None: the city). Raises Refused: a list shorter than its number would deceive."""
    found = session()
    if found is not None:
        own = narrowed(catalog, found.account, area)
        if own is not None and area is None:
            check_places(catalog, found.account, (), catalog.name)


def check_issue(catalog: Catalog, places: Collection[int], number: str) -> None:
    """One issue. Raises Refused."""
    found = session()
    if found is not None:
        check_places(catalog, found.account, places, number)
