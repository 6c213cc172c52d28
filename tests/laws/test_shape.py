"""Modules are small and named for what they hold; a city is data; a command is documented; a query is used."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

import click
import pytest

from tests.laws.source import GENERATED, PARTS, ROOT, dotted, imports, modules, tree
from weathermap.cli import main

LONGEST = 250
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "base", "common", "misc"}
KERNEL = "weathermap.locate.kernel"  # compiled loops, and the only module that may be longer
CODE = {".py", ".sql", ".html", ".css", ".ts", ".js", ".mjs"}


def test_modules_are_small() -> None:
    lengths = {dotted(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST and name != KERNEL} == {}


def test_one_module_is_compiled() -> None:
    assert [dotted(path) for path in modules() if "numba" in set(imports(tree(path)))] == [KERNEL]


def test_modules_are_named_for_what_they_hold() -> None:
    assert [
        dotted(path) for path in modules() if EMPTY_NAMES & {part.strip("_") for part in dotted(path).split(".")}
    ] == []


def city_names() -> set[str]:
    """Every way in which a pack calls its city: folder, code, Chinese name with or without its ending, English name."""
    found = set()
    for file in sorted((ROOT / "gis_data").glob("*/city.toml")):
        city = tomllib.loads(file.read_text(encoding="utf-8"))["city"]
        found |= {file.parent.name, city["code"], city["name"], city["name"].removesuffix("市"), city["name_en"]}
    return {name for name in found if len(name) > 1}


def test_no_citys_name_stands_in_code() -> None:
    names = city_names()
    assert len(names) >= 3, "the law needs a pack to know a city's name"
    asked = re.compile("|".join(rf"\b{re.escape(n)}\b" if n.isascii() else re.escape(n) for n in sorted(names)), re.I)
    found = []
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*")):
            inside = path.relative_to(ROOT).parts
            if inside[:2] == ("etl", "draw"):  # draws one pack's areas: its arguments may name it
                continue
            if path.suffix in CODE and not set(inside) & set(GENERATED) and path.is_file():
                lines = path.read_text(encoding="utf-8").splitlines()
                found += [f"{'/'.join(inside)}:{at}: {line}" for at, line in enumerate(lines, 1) if asked.search(line)]
    assert found == []


def commands(group: click.Group, before: str = "weathermap") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}"


@pytest.mark.parametrize("command", sorted(commands(main)))
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"{command}\b", (ROOT / "README.md").read_text(encoding="utf-8")), f"README.md lacks `{command}`"


def asked_queries() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every string constant in the code, and the patterns of `query(f"…{x}")`."""
    constants, patterns = set(), []
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.JoinedStr):
                if getattr(node.func, "id", getattr(node.func, "attr", "")) != "query":
                    continue
                values = node.args[0].values
                parts = (re.escape(str(v.value)) if isinstance(v, ast.Constant) else r"(\w+)" for v in values)
                patterns.append(re.compile("".join(parts)))
    return constants, patterns


def test_every_query_is_used() -> None:
    constants, patterns = asked_queries()
    stored = {file.stem for file in (ROOT / "weathermap" / "store" / "sql").glob("*.sql")}
    assert stored, "no .sql file found"
    unused = []
    for stem in sorted(stored - constants):
        fits = [match for pattern in patterns if (match := pattern.fullmatch(stem))]
        if not any(all(part in constants for part in match.groups()) for match in fits):
            unused.append(stem)
    assert unused == []
