"""make bench-boston: Boston's first half of 2015 (58,119 requests) replayed through the life of an issue.

Each row is reported, handed over with the city's own target, fed back and checked at the ledger's times, an intake
each: the code that the desk's moves and the import go through. What the lists say of each closed row with a target is
compared with the city's own OnTime_Status; every difference fails. `verify` recounts the store. Needs the shared data.
"""

from __future__ import annotations

import time
from collections import Counter

from tests.bench.database import bench_database
from tests.boston import FOLDER, judged, replay, said, statements
from weathermap.tally.verify import verify_city


def main() -> None:
    if not FOLDER.is_dir():
        raise SystemExit(f"{FOLDER} is missing: nothing to replay.")
    with bench_database(pool=2) as engine, engine.begin() as connection:
        city, rows = statements(connection)
        started = time.perf_counter()
        replay(connection, city, rows)
        seconds = time.perf_counter() - started
        oracle, mine = said(rows), judged(connection, city)
        differ = {key: (mine.get(key), word) for key, word in oracle.items() if mine.get(key) != word}
        assert not differ, list(differ.items())[:10]
        assert verify_city(connection, city.code) == []
    words = ", ".join(f"{n:,} {word}" for word, n in Counter(oracle.values()).most_common())
    print(f"{len(rows):,} requests replayed in {seconds:.1f} s; {len(oracle):,} closed with a target: {words}")
    print(f"on time as the city says: {100 * (1 - len(differ) / len(oracle)):.0f} % of {len(oracle):,}")


if __name__ == "__main__":
    main()
