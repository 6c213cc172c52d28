"""Cells of an .xlsx sheet whose formula has no usable value: programs that export may write none, or an error."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

CHUNK = 1 << 20
REFERENCE = re.compile(r"([A-Z]+)(\d+)")


def without_value(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """(row, column), both from 0 → what is wrong, of the sheet's cells. The archive was checked before."""
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if not member or not any(b"<f" in chunk for chunk in _chunks(archive, member)):
            return {}
        cells = _Cells()
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = cells.start, cells.end
        parser.CharacterDataHandler = cells.text
        for chunk in _chunks(archive, member):
            parser.Parse(chunk, False)
        return cells.found


class _Cells:
    def __init__(self) -> None:
        self.found: dict[tuple[int, int], str] = {}
        self._where = self._kind = self._value = ""
        self._formula = self._inside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        plain = name.rpartition(":")[2]
        if plain == "c":
            self._where, self._kind = attributes.get("r", ""), attributes.get("t", "")
            self._value, self._formula = "", False
        self._formula = self._formula or plain == "f"
        self._inside = plain == "v"

    def text(self, data: str) -> None:
        if self._inside:
            self._value += data

    def end(self, name: str) -> None:
        self._inside = False
        if name.rpartition(":")[2] != "c":
            return
        place = REFERENCE.fullmatch(self._where)
        if place and self._kind == "e":
            self.found[_row_column(*place.groups())] = f"the cell holds the error {self._value}"
        elif place and self._formula and not self._value.strip():
            self.found[_row_column(*place.groups())] = "the cell holds a formula without a value"


def _row_column(letters: str, digits: str) -> tuple[int, int]:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def _chunks(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    with archive.open(member) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """The name in the archive of a sheet's XML, '' when it is not found (another program's layout)."""
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return ""
    wanted = [_link(element.attrib) for element in book.iter() if element.get("name") == sheet]
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    target = targets.get(wanted[0], "") if wanted else ""
    member = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return member if member in archive.namelist() else ""


def _link(attributes: Mapping[str, str]) -> str:
    """The sheet's relation: the attribute `id` of whichever namespace the program writes."""
    return next((value for name, value in attributes.items() if name.endswith("}id")), "")
