"""The repository names no registry, no machine's folders and no secrets, and its pages call nobody outside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.laws.source import ROOT, texts, tracked

# Written in pieces, so that this file keeps its own laws.
REGISTRIES = tuple(
    "".join(pieces)
    for pieces in (
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("npm", "js.org"),
        ("npm", "mirror.com"),
        ("yarn", "pkg.com"),
        ("deb.", "debian.org"),
        ("docker", ".io/"),
        ("cr", "ates.io"),
    )
)
FOLDERS = re.compile(
    "(?:^|[\\s\"'=:(])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me/[a-z]", "Us" + "ers/[A-Z]")) + ")/"
)
SECRETS = re.compile("-----BEGIN [A-Z ]*PRIVATE " + "KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|xox[bp]-[0-9]")
# Names of vocabularies, and addresses that by their definition lead nowhere.
HARMLESS = {"www.w3.org", "json-schema.org", "127.0.0.1", "localhost", "example.org", "www.example.org", "192.0.2.1"}
PROSE = {".md", ".csv", ".geojson"}  # where an address is a citation: a document, or a pack's own attribution
CITES = {"city.toml", "LICENSE"}


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{at}: {line.strip()[:160]}"
        for path, text in texts()
        for at, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_is_named() -> None:
    assert lines_with(re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_machines_folder_is_named() -> None:
    assert lines_with(FOLDERS) == []


def test_no_secret_is_here() -> None:
    assert lines_with(SECRETS) == []


def outside(text: str) -> list[str]:
    hosts = re.findall(r"(?:https?|wss?)://(\[[0-9a-f:]+\]|[\w.-]+)", text)
    return [host for host in hosts if host not in HARMLESS and "." in host]


def test_no_code_names_an_address_outside() -> None:
    asked = [(path, text) for path, text in texts() if path.suffix not in PROSE and path.name not in CITES]
    assert {str(path): found for path, text in asked if (found := outside(text))} == {}


@pytest.mark.parametrize("line", ["fetch('https:" + "//a.test/1')", "url(http:" + "//b.test/a)", "wss:" + "//c.test"])
def test_the_law_on_addresses_sees_them(line: str) -> None:
    assert outside(line)


def lock_files() -> list[Path]:
    return [path for path in tracked() if path.name in {"package-lock.json", "uv.lock", "poetry.lock", "yarn.lock"}]


def test_lock_files_name_no_host() -> None:
    for path in lock_files():
        assert path.name == "package-lock.json", f"{path.relative_to(ROOT)} writes the registry's host: pin without it"
        packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
        assert [name for name, package in packages.items() if "resolved" in package] == []


def test_pins_are_exact_and_hold_every_package_that_is_asked_for() -> None:
    lines = (ROOT / "docker" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    wrong = [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+( ;.*)?", line)]
    assert wrong == []
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    asked = set(re.findall(r'^    "([A-Za-z0-9._-]+)', project, re.M))
    assert sorted(asked - {pin.partition("==")[0] for pin in pins}) == []
