"""make bench-desk: the desk's time to first byte over a million issues: each role, queue, filter, page, search.

The store is filled by the bulk load (2 % under way), then by an office's moves, so that every queue holds its share.
The map server runs as in production. Each page is asked for once to warm, then BENCH_TIMES times (9); its figure is
the median, `max` the slowest answer of all. Every page is asserted to be there and to hold what it was asked for.
Prints each queue × filter over all roles, the slowest last, then `worst: X ms`. BENCH_ROWS (1,000,000);
BENCH_URL takes a store that was filled before.
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from sqlalchemy import text

from tests.bench.database import bench_cluster, new_database
from tests.bench.load import free_port, running
from tests.bench.million import DEMO_PASSWORD, fill, settings_of
from weathermap.people.demo import DEMO_ROLES
from weathermap.settings import read_settings
from weathermap.store.db import connect_engine

ROWS, TIMES, AIM_MS = int(os.environ.get("BENCH_ROWS", "1000000")), int(os.environ.get("BENCH_TIMES", "9")), 50.0
LOGINS = (*DEMO_ROLES, "demo-assessor")
SERVER = "from weathermap.settings import read_settings; from web.serve import run_server; run_server(read_settings())"
LINK, MORE = re.compile(r'href="/desk\?([^"]*queue=(\w+)[^"]*)"'), re.compile(r'href="(/desk\?[^"]*after=[^"]*)"')


@dataclass(frozen=True)
class Answer:
    """One answer: milliseconds to its first byte, status, headers and body."""

    ms: float
    status: int
    head: str
    body: str


def ask(port: int, path: str, cookie: str = "", form: dict[str, str] | None = None) -> Answer:
    """A request on a line of its own, which is open before the clock starts."""
    body = urlencode(form).encode() if form is not None else b""
    lines = [f"{'POST' if form is not None else 'GET'} {path} HTTP/1.1", "Host: bench", "Accept: text/html"]
    lines += [f"Cookie: {cookie}"] * bool(cookie) + ["Connection: close", f"Content-Length: {len(body)}"]
    lines += ["Content-Type: application/x-www-form-urlencoded"] * bool(body)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sent = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        start = time.perf_counter()
        line.sendall(sent)
        got = line.recv(65_536)
        ms = (time.perf_counter() - start) * 1000
        while more := line.recv(262_144):
            got += more
    head, _, rest = got.partition(b"\r\n\r\n")
    return Answer(ms, int(head.split(b" ", 2)[1]), head.decode("latin-1"), rest.decode("utf-8", "replace"))


class Desk:
    """One role's desk, timed."""

    def __init__(self, port: int, login: str) -> None:
        self.port, self.login = port, login
        found = ask(port, "/sign-in", form={"login": login, "password": DEMO_PASSWORD})
        assert found.status == 303, found
        self.cookie = re.search(r"(?i)set-cookie: (weathermap=[^;]+)", found.head)[1]  # type: ignore[index]

    def get(self, path: str) -> Answer:
        found = ask(self.port, path, self.cookie)
        assert found.status in (200, 303), (self.login, path, found.status, found.body[:500])
        return found

    def timed(self, path: str) -> list[float]:
        self.get(path)
        return [self.get(path).ms for _ in range(TIMES)]


def searches(url: str) -> dict[str, str]:
    """What is searched for: rare and common words, names of units, points and categories, keys, numbers."""
    engine = connect_engine(url, pool=1)
    with engine.connect() as connection:
        one = connection.execute(text("SELECT i.number, k.source_key, i.address FROM issue AS i JOIN issue_key AS k"
            " USING (issue_id) WHERE i.state = 'rectified' AND i.address <> '' LIMIT 1")).one()  # fmt: skip
        unit, point, category = (
            connection.execute(text(f"SELECT name FROM {table} ORDER BY 1 LIMIT 1")).scalar_one()
            for table in ("unit", "point", "category")
        )
    engine.dispose()
    street = one.address.partition("路")[0] + "路"
    return {
        "an address": one.address,
        "a street": street,
        "every street": "路",
        "two letters": "1号",
        "nothing": "查无此处xyz",
        "a unit": unit,
        "a point": point,
        "a category": category,
        "a key": one.source_key,
        "half a number": one.number[-6:],
        "two words": f"{street} {category}",
    }


def filters(page: str) -> dict[str, str]:
    """The second choice of every filter that the page offers, and all of them."""
    found = {}
    for name, options in re.findall(r'<select name="(\w+)"[^>]*>(.*?)</select>', page, re.S):
        values = [value for value in re.findall(r'<option value="([^"]*)"', options) if value]
        if name != "move" and values:
            found[name] = values[min(1, len(values) - 1)]
    alone = {name: urlencode({name: value}) for name, value in found.items()}
    return {"–": "", **alone, "all of them": urlencode(found)}


def measure(port: int, url: str) -> float:
    """Print the table; the slowest median."""
    taken: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(dict)
    asked = searches(url)
    for login in LOGINS:
        desk = Desk(port, login)
        first = desk.get("/desk")
        taken["the desk", "counts"][login] = desk.timed("/desk/counts")
        queues = dict.fromkeys(queue for _, queue in LINK.findall(first.body))
        for queue in queues:
            offered = filters(desk.get(f"/desk?queue={queue}").body)
            for name, query in offered.items():
                taken[queue, name][login] = desk.timed(f"/desk?queue={queue}&{query}")
            path, pages = f"/desk?queue={queue}", 0
            while (found := MORE.search(desk.get(path).body)) and pages < 5:
                path, pages = found[1].replace("&amp;", "&"), pages + 1
            if pages:
                taken[queue, "later page"][login] = desk.timed(path)
            number = re.search(r"/desk/issue/([\w-]+)", desk.get(f"/desk?queue={queue}").body)
            if number:
                taken["an issue", queue][login] = desk.timed(f"/desk/issue/{number[1]}?queue={queue}")
        for name, words in asked.items():
            taken["search", name][login] = desk.timed(f"/desk?q={quote(words)}")
    rows = []
    for (queue, name), by_login in taken.items():
        login, times = max(by_login.items(), key=lambda entry: statistics.median(entry[1]))
        slowest = max(max(each) for each in by_login.values())
        rows.append((statistics.median(times), queue, name, login, len(by_login), slowest))
    print(f"{'queue':14} {'filter':16} {'roles':>5}  {'p50 ms':>7} of the slowest role   {'max ms':>7} of all")
    for p50, queue, name, login, roles, slowest in sorted(rows):
        print(f"{queue:14} {name:16} {roles:5}  {p50:7.1f} {login:22} {slowest:7.1f}")
    return max(rows)[0]


def serve_and_measure(url: str, folder: Path) -> float:
    port = free_port()
    environ = {"WEATHERMAP_DATABASE_URL": url, "WEATHERMAP_DATA": str(folder), "PORT": str(port), "HOST": "127.0.0.1",
               "WEATHERMAP_LOG_LEVEL": "WARNING"}  # fmt: skip
    with running([sys.executable, "-c", SERVER], port, environ, "/healthz"):
        return measure(port, url)


def main() -> None:
    given = os.environ.get("BENCH_URL")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        if given:
            worst = serve_and_measure(given, Path(folder))
        else:
            with bench_cluster() as cluster:
                url = new_database(cluster, "desk")
                fill(settings_of(read_settings({}), url, Path(folder)), Path(folder), ROWS)
                worst = serve_and_measure(url, Path(folder))
    print(f"worst: {worst:.1f} ms  (aim {AIM_MS:.0f} ms; first byte over HTTP, median of {TIMES}, {ROWS:,} issues)")


if __name__ == "__main__":
    main()
