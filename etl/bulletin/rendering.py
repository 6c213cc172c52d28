"""A bulletin's forms: PDF, Word, one long picture, a text for a chat; all from the same facts.

A template in the data folder's `templates/` takes the place of the program's own: `bulletin-KIND.typ` or
`bulletin.typ`, `bulletin-KIND.docx` or `bulletin.docx`, `bulletin_long.typ`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage

from etl.bulletin.wording import chat_text
from etl.export.typeset import pictured, raster, typeset
from weathermap.errors import TemplateBroken

OWN = Path(__file__).parent / "templates"
FORMS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "png": "image/png",
    "txt": "text/plain; charset=utf-8",
}
PHONE_PPI = 144.0


def template_of(kind: str, stem: str, ending: str, folder: Path | None) -> Path:
    """The office's template for a kind of bulletin, or for all; else the program's own."""
    for place in ([folder] if folder else []) + [OWN]:
        for name in (f"{stem}-{kind}.{ending}", f"{stem}.{ending}"):
            if (place / name).is_file():
                return place / name
    raise TemplateBroken(f"There is no template {stem}.{ending}.", "Reinstall the program.")


def render(form: str, data: Mapping[str, Any], picture: str, folder: Path | None) -> bytes:
    """One form of a bulletin. `picture`: its map as SVG. Raises TemplateBroken with the template's line."""
    given = {**data, "map": bool(picture)}
    pictures = {"map.svg": picture.encode()} if picture else {}
    if form == "txt":
        return chat_text(data).encode()
    if form == "docx":
        return _word(template_of(data["kind"], "bulletin", "docx", folder), given, picture)
    if form == "png":
        return pictured(template_of(data["kind"], "bulletin_long", "typ", folder), given, pictures, PHONE_PPI)[0]
    return typeset(template_of(data["kind"], "bulletin", "typ", folder), given, pictures, own_fonts=True)


def _word(template: Path, data: Mapping[str, Any], picture: str) -> bytes:
    made = io.BytesIO()
    try:
        document = DocxTemplate(template)
        drawn = InlineImage(document, io.BytesIO(raster(picture)), width=Mm(130)) if picture else ""
        document.render({**data, "map": drawn}, jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined))
        document.save(made)
    except jinja2.TemplateError as error:
        raise TemplateBroken(_told(template, error), "Mend it in Word and look at the preview again.") from error
    return made.getvalue()


def _told(template: Path, error: jinja2.TemplateError) -> str:
    """What is wrong, with the words around it: a paragraph is what a line is in Word."""
    line = getattr(error, "lineno", None)
    context = getattr(error, "docx_context", None)
    near = ""
    if context:
        plain = [re.sub(r"<[^>]+>", "", str(part)).strip() for part in context]
        near = "；".join(part for part in plain if part)[:200]
    where = f"，第 {line} 行 (line {line})" if line else ""
    return f"{template.name}{where}: {error.message or error}" + (f" … {near}" if near else "")
