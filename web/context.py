"""What a web process holds: the engine and the catalogs. All of it can be rebuilt in a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import Connection, Engine

from weathermap.store.catalog import Catalog, load_catalog, pack_state
from weathermap.store.registry import City, open_city
from weathermap.visit.checklist import Checklist, read_checklist
from web.desk.choices import Choices, read_choices

FRESH_S = 1.0  # how long a look at the pack versions holds


class Context:
    """The store as a web process sees it; one a process, shared by its threads."""

    def __init__(self, engine: Engine, primary: Engine | None = None) -> None:
        """`primary`: where it writes, when `engine` reads from a replica."""
        # each statement its own transaction: no BEGIN before and no ROLLBACK after what only reads
        self.engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writer = primary or engine
        self._primary = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._state: object = None
        self._looked = 0.0
        self._catalogs: dict[str | None, Catalog] = {}
        self._checklists: dict[tuple[int, int], Checklist] = {}
        self._cities: dict[tuple[int, int], City] = {}
        self._choices: dict[tuple[int, int], Choices] = {}

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection for reading."""
        with self.engine.connect() as connection:
            yield connection

    @contextmanager
    def connect_primary(self) -> Iterator[Connection]:
        """A connection for who must see what was just written: sessions and the desk."""
        with self._primary.connect() as connection:
            yield connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that writes."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def trial(self) -> Iterator[Connection]:
        """A transaction that is rolled back: for what must be tried to be known."""
        with self._writer.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            finally:
                transaction.rollback()

    def catalog(self, connection: Connection, code: str | None, fresh_s: float = FRESH_S) -> Catalog:
        """The city's catalog; loaded again after a pack was loaded, as seen `fresh_s` ago. Raises UnknownName."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked > fresh_s:
                state = pack_state(connection)
                if state != self._state:
                    self._catalogs.clear()
                    self._state = state
                self._looked = now
            if code not in self._catalogs:
                self._catalogs[code] = load_catalog(connection, code)
            return self._catalogs[code]

    def city(self, connection: Connection, catalog: Catalog) -> City:
        """The city with its pack and ids, for deciding; read once a pack version, which takes a second or two."""
        key = (catalog.city_id, catalog.pack_version)
        with self._opening:  # many that ask at once wait for one reading, instead of each holding a city
            if key not in self._cities:
                opened = open_city(connection, catalog.code)
                self._cities = {k: city for k, city in self._cities.items() if k[0] != key[0]} | {key: opened}
            return self._cities[key]

    def choices(self, connection: Connection, catalog: Catalog) -> Choices:
        """What the desk's filters offer; read once a pack version."""
        key = (catalog.city_id, catalog.pack_version)
        if key not in self._choices:
            self._choices = {k: held for k, held in self._choices.items() if k[0] != key[0]}
            self._choices[key] = read_choices(connection, catalog)
        return self._choices[key]

    def checklist(self, connection: Connection, catalog: Catalog) -> Checklist:
        """What is checked at the city's points; read once a pack version."""
        key = (catalog.city_id, catalog.pack_version)
        if key not in self._checklists:
            self._checklists[key] = read_checklist(connection, *key)
        return self._checklists[key]


def context() -> Context:
    """The running app's context."""
    found: Context = current_app.extensions["weathermap"]
    return found
