"""Typesetting: a typst template and its data become a PDF or pictures, with the fonts that come as a package.

Nothing is taken from the machine but, before the package's, the fonts that Chinese offices have (仿宋, 小标宋, 黑体).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from weathermap.errors import TemplateBroken

TEMPLATES = Path(__file__).parent / "templates"
DATA = "data.json"


def fonts() -> Path:
    """The folder of the fonts that are always there: Noto Sans SC and Noto Serif SC."""
    return Path(str(files("pylopdf_fonts_zh_cn")))


def typeset(
    template: Path, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None, own_fonts: bool = False
) -> bytes:
    """The PDF of a template, which reads `data.json` and its pictures beside it. Raises TemplateBroken with the line.

    `own_fonts`: look at the machine's fonts too, whose look comes first where a template names them.
    """
    return _compile(template, data, pictures or {}, "pdf", None, own_fonts)[0]


def pictured(
    template: Path, data: Mapping[str, Any], pictures: Mapping[str, bytes] | None = None, ppi: float = 144.0
) -> list[bytes]:
    """The pages of a template as PNG. Raises TemplateBroken."""
    return _compile(template, data, pictures or {}, "png", ppi, False)


def raster(svg: str, ppi: float = 192.0) -> bytes:
    """An SVG as PNG, at its own size in points."""
    page = '#set page(width: auto, height: auto, margin: 0pt)\n#image("picture.svg")\n'
    with TemporaryDirectory(prefix="weathermap-") as folder:
        main = Path(folder) / "main.typ"
        main.write_text(page, encoding="utf-8")
        (main.parent / "picture.svg").write_text(svg, encoding="utf-8")
        return _run(main, "png", ppi, False)[0]


def _compile(
    template: Path, data: Mapping[str, Any], pictures: Mapping[str, bytes], kind: str, ppi: float | None, own: bool
) -> list[bytes]:
    with TemporaryDirectory(prefix="weathermap-") as folder:
        room = Path(folder)
        for file in {*TEMPLATES.glob("*.typ"), *template.parent.glob("*.typ")} - {template}:
            shutil.copy(file, room / file.name)  # what a template imports
        main = room / template.name
        shutil.copy(template, main)
        (room / DATA).write_text(json.dumps(data, ensure_ascii=False, default=str), encoding="utf-8")
        for name, content in pictures.items():
            (room / name).write_bytes(content)
        return _run(main, kind, ppi, own)


def _run(main: Path, kind: str, ppi: float | None, own: bool) -> list[bytes]:
    try:
        made = typst.compile(
            str(main),
            root=str(main.parent),
            font_paths=[str(fonts())],
            ignore_system_fonts=not own,
            format=kind,
            ppi=ppi,
        )
    except typst.TypstError as error:
        said = str(getattr(error, "diagnostic", "") or error).strip()
        raise TemplateBroken(
            f"The template {main.name} cannot be set: {said.replace(str(main.parent), '').strip()}",
            "Mend the line it names; the template that comes with the program shows how.",
        ) from error
    return made if isinstance(made, list) else [made]
