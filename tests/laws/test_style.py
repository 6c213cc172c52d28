"""Style and types are laws too, so that one run tells all: ruff, mypy (strict on the core), tsc on the page."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.source import ROOT

BIN = Path(sys.executable).parent
PAGE = ("npm", "--prefix", "web/ui", "run", "--silent", "lint")
TOOLS = {
    "ruff check": (BIN / "ruff", "check", "--output-format=concise", "."),
    "ruff format": (BIN / "ruff", "format", "--check", "."),
    "mypy": (BIN / "mypy",),
    "tsc": PAGE,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_code_is_clean(tool: str) -> None:
    path = os.pathsep.join((os.environ.get("PATH", ""), str(BIN)))  # a Node that was put beside Python
    environ = os.environ | {"PATH": path}
    done = subprocess.run(TOOLS[tool], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
