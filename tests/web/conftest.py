"""The app on a database with both test packs and some lives in them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from tests.store.random_life import life
from weathermap.city.reading import read_pack
from weathermap.issue.intake import take_in
from weathermap.settings import Settings
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

PACKS = Path(__file__).parents[1] / "packs"
TOY, PLAIN = "990101", "PLN"
NUMBER = "测S〔2026〕001号"  # the review number of `reviewed`


@pytest.fixture(scope="session")
def filled(clone: Callable[..., Settings]) -> Settings:
    """A store with both packs and 200 issues in each; read only."""
    settings = clone()
    engine = open_store(settings)
    now = time.time_ns() // 1_000
    for name in ("toy", "plain"):
        pack = read_pack(PACKS / name)
        with engine.begin() as connection:
            load_pack(connection, pack)
            city = open_city(connection, pack.config.code)
            for batch in life(pack, 11, 200, now):
                take_in(connection, city, batch)
    fold(engine)
    engine.dispose()
    return settings


@pytest.fixture(scope="session")
def client(filled: Settings) -> FlaskClient:
    """A client of the app on the filled store."""
    from web.app import create_app

    return create_app(filled).test_client()


@pytest.fixture(scope="session")
def reviewed(clone: Callable[..., Settings], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A store with the toy city whose map was reviewed, and 200 issues; read only."""
    folder = tmp_path_factory.mktemp("pack") / "toy"
    shutil.copytree(PACKS / "toy", folder)
    file = folder / "city.toml"
    file.write_text(file.read_text("utf-8").replace('review_number = ""', f'review_number = "{NUMBER}"'), "utf-8")
    settings = clone()
    engine = open_store(settings)
    pack = read_pack(folder)
    with engine.begin() as connection:
        load_pack(connection, pack)
        city = open_city(connection, pack.config.code)
        for batch in life(pack, 11, 200, time.time_ns() // 1_000):
            take_in(connection, city, batch)
    fold(engine)
    engine.dispose()
    return settings


@pytest.fixture(scope="session")
def public(reviewed: Settings) -> FlaskClient:
    """A client of the app on the store whose map was reviewed."""
    from web.app import create_app

    return create_app(reviewed).test_client()


@pytest.fixture(scope="module")
def engine(settings: Settings) -> Iterator[Engine]:
    """On the store of a module's own `settings`."""
    opened = open_store(settings)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module")
def app(settings: Settings) -> Flask:
    """The app on the store of a module's own `settings`."""
    from web.app import create_app

    return create_app(settings)
