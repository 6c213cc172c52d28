"""The roots as a file on another machine: a line of JSON each, appended, never written over."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from weathermap.errors import OutputError
from weathermap.issue.roots import Root, roots_of

NAME = "roots.jsonl"  # in a folder


def file_at(place: Path) -> Path:
    """A file, or the one in a folder."""
    return place / NAME if place.is_dir() else place


def export_roots(connection: Connection, code: str, place: Path) -> int:
    """Append the roots of a city that the file does not hold yet. Returns how many.

    Raises OutputError for a file that cannot be written, or that disagrees with the store: then nothing is appended.
    """
    file = file_at(place)
    held = {line["root"]: line for line in read_roots(file) if line["city"] == code}
    roots = roots_of(connection, code)
    wrong = next((root for root in roots if root.root_no in held and held[root.root_no] != line_of(root)), None)
    if wrong is not None or len(held) > len(roots):
        number = wrong.root_no if wrong is not None else len(roots) + 1
        raise OutputError(
            f"{file} holds another root {number} of {code} than the store: one of them was changed.",
            f"Look with `weathermap verify --roots {file}`. Nothing was appended.",
        )
    new = [root for root in roots if root.root_no not in held]
    try:
        with file.open("a", encoding="utf-8") as handle:
            handle.writelines(json.dumps(line_of(root), ensure_ascii=False) + "\n" for root in new)
    except OSError as error:
        raise _unwritable(file, error) from error
    return len(new)


def line_of(root: Root) -> dict[str, Any]:
    """One root as JSON types, hashes in hex."""
    return {
        "city": root.city,
        "root": root.root_no,
        "day": root.day.isoformat(),
        "leaves": root.leaves,
        "tree": root.tree.hex(),
        "previous": root.previous.hex(),
        "hash": root.hash.hex(),
    }


def read_roots(file: Path) -> list[dict[str, Any]]:
    """The lines of a file; none while it does not exist. Raises OutputError for what is no file of roots."""
    try:
        text = file.read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        for line in lines:
            date.fromisoformat(line["day"])
            line["city"], line["root"], line["hash"]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _unwritable(file, error) from error
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(
            f"{file} is no file of roots.", "Name another file, or mend the line that was cut."
        ) from error
    return lines


def read_proof(file: Path) -> dict[str, Any]:
    """A proof that `weathermap proof` wrote. Raises OutputError for what is none."""
    try:
        proof = json.loads(file.read_text(encoding="utf-8"))
        if not {"issue", "issue_id", "seq", "hash", "place", "leaves", "path", "root_hash"} <= proof.keys():
            raise ValueError
    except (ValueError, AttributeError) as error:
        raise OutputError(f"{file} is no proof.", "`weathermap proof ISSUE --output FILE` writes one.") from error
    return dict(proof)


def _unwritable(file: Path, error: OSError) -> OutputError:
    return OutputError(f"{file} cannot be used: {error.strerror}.", "Name a file in a folder of yours.")
