"""A past day is drawn in the borders of that day, and restated in those of today."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.looking import open_wall
from tests.store.random_life import life
from tests.store.test_cities import moved
from tests.web.served import serve
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

TOY = Path(__file__).parents[1] / "packs" / "toy"


def drawn(page: Page) -> dict[str, Any]:
    """Whose towns are drawn, and how many of them wear a colour."""
    page.wait_for_function("() => weathermap.map.loaded() && weathermap.map.areTilesLoaded()")
    found: dict[str, Any] = page.evaluate(
        """() => {
          const { map } = weathermap;
          const source = Object.entries(map.getStyle().sources).find(([, s]) => s.tiles?.[0]?.includes('/town/'));
          const features = map.querySourceFeatures(source[0], { sourceLayer: 'town' });
          const ids = [...new Set(features.map(({ id }) => id))];
          const skies = ids.map(id => map.getFeatureState({ source: source[0], sourceLayer: 'town', id }));
          return { tiles: source[1].tiles[0], ids, coloured: skies.filter(state => Object.keys(state).length).length };
        }"""
    )
    return found


def test_a_past_day_is_drawn_in_its_own_borders(browser: Browser, clone: Callable[..., Settings]) -> None:
    settings = clone()
    engine = open_store(settings)
    pack = read_pack(TOY)
    with engine.begin() as connection:
        load_pack(connection, pack)
        take_in(connection, open_city(connection), life(pack, 5, 80, time.time_ns() // 1_000)[0])
    fold(engine)
    past = datetime.now(UTC).isoformat()
    time.sleep(1)
    with engine.begin() as connection:
        load_pack(connection, moved(pack, 0.004))
    engine.dispose()
    with serve(settings) as served:
        page = open_wall(browser, f"{served.url}/?at={past[:19]}Z")
        then = drawn(page)
        assert "/990101/1/town/" in then["tiles"] and then["coloured"] == len(then["ids"]) > 0
        page.evaluate("at => { location.search = `?at=${at}&as=known` }", f"{past[:19]}Z")
        page.wait_for_function("() => window.weathermap?.map?.loaded() && weathermap.map.areTilesLoaded()")
        restated = drawn(page)
        assert "/990101/2/town/" in restated["tiles"] and restated["coloured"] == len(restated["ids"]) > 0
        assert not set(restated["ids"]) & set(then["ids"])
        page.close()
