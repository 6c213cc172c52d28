"""Categories that a ledger brings and a pack lacks: added to the pack, so that the store holds one whole pack."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict

from weathermap.city.pack import Category, Pack
from weathermap.city.reading import read_pack_files

FILE = "categories.csv"


def with_categories(pack: Pack, added: Sequence[Category]) -> Pack:
    """The pack with `added` at the end of its categories.csv."""
    content = pack.files[FILE].decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(content)))
    out = io.StringIO()
    writer = csv.DictWriter(out, [name.strip() for name in header], extrasaction="ignore", lineterminator="\n")
    for category in added:
        writer.writerow({**asdict(category), "red_line": int(category.red_line)})
    ended = content if content.endswith("\n") else content + "\n"
    return read_pack_files({**pack.files, FILE: (ended + out.getvalue()).encode()})
