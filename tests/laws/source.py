"""The project's own files, as the laws read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PARTS = ("weathermap", "etl", "web")
GENERATED = ("node_modules", "static", "build")


def modules(*parts: str) -> list[Path]:
    """Python files of the given top folders, sorted."""
    found = [path for part in parts or PARTS for path in (ROOT / part).rglob("*.py")]
    return sorted(path for path in found if not set(path.relative_to(ROOT).parts) & set(GENERATED))


def dotted(path: Path) -> str:
    """`weathermap/store/db.py` → `weathermap.store.db`."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(node: ast.AST) -> Iterator[str]:
    """Every dotted name imported anywhere below `node`: for `from a import b` both `a` and `a.b`."""
    for found in ast.walk(node):
        if isinstance(found, ast.Import):
            yield from (alias.name for alias in found.names)
        elif isinstance(found, ast.ImportFrom):
            assert found.level == 0, f"a relative import on line {found.lineno}: write the whole name"
            yield found.module or ""
            yield from (f"{found.module}.{alias.name}" for alias in found.names)


def top_level_imports(module: ast.Module) -> Iterator[str]:
    """Imports that run when the module is loaded: those outside functions."""
    for node in module.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imports(node)


def tracked() -> list[Path]:
    """The files that are, or on the next commit could be, in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return sorted({ROOT / name for name in listed if name and (ROOT / name).is_file()})


def texts() -> Iterator[tuple[Path, str]]:
    """Tracked files that are text."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8192]:
            yield path.relative_to(ROOT), content.decode("utf-8", errors="replace")
