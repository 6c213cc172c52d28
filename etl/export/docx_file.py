"""The report as a Word document that an office goes on writing in: title, totals, map, table, definitions, stamp."""

from __future__ import annotations

import io
from typing import IO, Any

from docx import Document
from docx.document import Document as Open
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from etl.export.definitions import definitions_of
from etl.export.glyphs import SIGNS
from etl.export.grid_report import Report
from etl.export.pdf_file import paper
from etl.export.picture import picture
from etl.export.shapes import Shapes
from etl.export.tick import Tick
from etl.export.typeset import raster

BODY, TITLE = ("Calibri", "微软雅黑"), ("Cambria", "方正小标宋简体")


def write_docx(report: Report, shapes: Shapes, file: IO[bytes], tick: Tick) -> None:
    """Write the report into a binary file."""
    data = paper(report)
    document = Document()
    _page(document)
    _line(document, report.title, 20, TITLE)
    _line(document, f"{data['instant']}　{data['demo']}".strip(), 9, grey=True)
    if report.headline:
        _line(document, report.headline, 12)
    _line(document, "　".join(f"{name} {value}" for name, value in data["totals"]), 11)
    drawn = picture(report, shapes)
    if drawn:
        document.add_picture(io.BytesIO(raster(drawn)), width=Mm(190))
        document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    _table(document, report, data, tick)
    _line(document, "口径" if report.lang == "zh" else "Definitions", 12, TITLE)
    for name, words in [*definitions_of(report), *report.stamp]:
        _line(document, f"{name}{'：' if report.lang == 'zh' else ': '}{words}", 9)
    document.core_properties.title = report.title
    document.core_properties.comments = "\n".join(f"{name}: {words}" for name, words in report.stamp)[:255]
    document.core_properties.author = ""
    document.save(file)


def _page(document: Open) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(14)
    section.top_margin = section.bottom_margin = Mm(14)
    style = document.styles["Normal"]
    style.font.size = Pt(9)
    style.paragraph_format.space_after = Pt(4)
    _font(style.element.get_or_add_rPr(), BODY)


def _font(properties: Any, names: tuple[str, str]) -> None:
    """Latin and Chinese fonts: Word asks for the second one by its own attribute."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for key, name in (("ascii", names[0]), ("hAnsi", names[0]), ("eastAsia", names[1])):
        fonts.set(qn(f"w:{key}"), name)


def _line(document: Open, text: str, size: float, names: tuple[str, str] = BODY, grey: bool = False) -> None:
    run = document.add_paragraph().add_run(text)
    run.font.size = Pt(size)
    if grey:
        run.font.color.rgb = RGBColor(0x4A, 0x54, 0x59)
    _font(run._element.get_or_add_rPr(), names)


def _table(document: Open, report: Report, data: dict[str, Any], tick: Tick) -> None:
    lines = [data["heads"], *data["rows"], *data["foot"]]
    table = document.add_table(len(lines), len(data["heads"]), "Table Grid")
    table.autofit = True
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
    weather = next((i for i, column in enumerate(data["columns"]) if column.key == "weather"), None)
    cells = table._cells  # asked for once: each look for a row's own cells walks the whole table
    width = len(data["heads"])
    for at, line in enumerate(lines):
        for i, text in enumerate(line):
            cell = cells[at * width + i]
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(0)
            run = paragraph.add_run(text)
            run.font.size = Pt(data["size"])
            run.bold = at == 0 or at > len(data["rows"])
            if data["kinds"][i] not in ("text", "long"):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            sign = SIGNS.get((report.weathers[at - 1] if 0 < at <= len(report.rows) else None) or "")
            if i == weather and sign:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), sign.fill[1:])
                cell._tc.get_or_add_tcPr().append(shade)
                run.font.color.rgb = RGBColor.from_string(sign.ink[1:])
        tick(1)
