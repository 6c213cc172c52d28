"""Writes the Word template that comes with the program: `python -m etl.bulletin.draw_word FILE`."""

from __future__ import annotations

import sys
from typing import Any

from docx import Document
from docx.document import Document as Open
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FANG, SONG, HEI = "仿宋_GB2312", "方正小标宋简体", "黑体"
Table = tuple[tuple[str, str, int, bool], ...]  # head, cell, width in mm (156 in all), whether a number
COUNTS: Table = (
    ("通报", "{{ row.notified }}", 17, True),
    ("已整改", "{{ row.rectified }}", 17, True),
    ("未整改", "{{ row.open }}", 17, True),
    ("逾期", "{{ row.overdue }}", 15, True),
    ("整改率", "{{ row.rectification_rate }}", 21, True),
    ("按期率", "{{ row.on_time_rate }}", 21, True),
)
TOWN: Table = (("镇（街道）", "{{ row.name }}", 32, False), ("天气", "{{ row.weather_word }}", 16, False), *COUNTS)
UNIT: Table = (("责任单位", "{{ row.name }}", 48, False), *COUNTS)
ISSUE: Table = (
    ("编号", "{{ row.number }}", 38, False),
    ("问题", "{{ row.category }}", 28, False),
    ("责任单位", "{{ row.unit }}", 30, False),
    ("位置", "{{ row.area }} {{ row.address }}", 32, False),
    ("时限", "{{ row.deadline }}", 28, False),
)


def draw(path: str) -> None:
    """Write the template."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    _line(document, "{{ head }}", SONG, 28, centre=True, red=True)  # fifteen characters in one line
    _line(document, "{{ number }}", FANG, 16, centre=True)
    _rule(document)
    _line(document, "{{ title }}", SONG, 22, centre=True)
    _line(document, "{{ recipients }}：", FANG, 16)
    _line(document, "{{ opening }}", FANG, 16, indent=True)
    _line(document, "一、总体情况", HEI, 16, indent=True)
    _each(document, "overall")
    _line(document, "{{ map }}", FANG, 16, centre=True)
    _line(document, "二、各镇（街道）情况", HEI, 16, indent=True)
    _each(document, "by_town")
    _table(document, "towns", TOWN)
    _line(document, "{%p if lists and 'lists' in annexes %}", FANG, 16)
    _line(document, "三、红黑榜", HEI, 16, indent=True)
    _line(document, "{%p for group in lists %}", FANG, 16)
    _line(document, "{{ group.kind }}", HEI, 14)
    _line(document, "{%p if group.red %}", FANG, 14)
    _line(
        document,
        "红榜：{% for row in group.red %}{{ row.place }}. {{ row.name }}（{{ row.rate }}） {% endfor %}",
        FANG,
        14,
    )
    _line(document, "{%p endif %}", FANG, 14)
    _line(document, "{%p if group.black %}", FANG, 14)
    _line(
        document,
        "黑榜：{% for row in group.black %}{{ row.place }}. {{ row.name }}（{{ row.rate }}） {% endfor %}",
        FANG,
        14,
    )
    _line(document, "{%p endif %}", FANG, 14)
    _line(document, "{%p endfor %}", FANG, 16)
    _line(document, "{%p endif %}", FANG, 16)
    _line(document, "{{ last_heading }}", HEI, 16, indent=True)
    _each(document, "asks")
    _line(document, "{%p for entry in objections %}", FANG, 16)
    _line(document, "{{ entry.unit }}：{{ entry.text }}（答复：{{ entry.answer }}）", FANG, 14, indent=True)
    _line(document, "{%p endfor %}", FANG, 16)
    _line(document, "{{ signer }}", FANG, 16).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _line(document, "{{ signed_on }}", FANG, 16).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _line(document, "数据时刻：{{ at }}　统计区间：{{ from }} 至 {{ to }}　{{ demo }}", FANG, 10)
    _line(document, "{% for entry in definitions %}{{ entry[0] }}：{{ entry[1] }}。{% endfor %}", FANG, 10)
    _line(document, "{{ schematic }}　{{ root }}", FANG, 9)
    _line(document, "附件1　责任单位情况表", HEI, 14).paragraph_format.page_break_before = True
    _table(document, "units", UNIT)
    _line(document, "附件2　逾期问题", HEI, 14)
    _table(document, "worst", ISSUE)
    document.core_properties.author = ""
    document.save(path)


def _line(
    document: Open, text: str, font: str, size: float, centre: bool = False, red: bool = False, indent: bool = False
) -> Any:
    paragraph = document.add_paragraph()
    _run(paragraph, text, font, size, red)
    paragraph.paragraph_format.space_after = Pt(4)
    if centre:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = font == HEI
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(size * 2)
    return paragraph


def _run(paragraph: Any, text: str, font: str, size: float, red: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    run.font.name = font
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    if red:
        run.font.color.rgb = RGBColor(0xC0, 0, 0)


def _rule(document: Open) -> None:
    """The red line under the head."""
    paragraph = document.add_paragraph()
    borders, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "18"), ("space", "1"), ("color", "C00000")):
        bottom.set(qn(f"w:{key}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def _each(document: Open, name: str) -> None:
    _line(document, f"{{%p for line in {name} %}}", FANG, 16)
    _line(document, "{{ line }}", FANG, 16, indent=True)
    _line(document, "{%p endfor %}", FANG, 16)


def _table(document: Open, name: str, columns: Table) -> None:
    table = document.add_table(4, len(columns), "Table Grid")
    table.autofit = False
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for column, (_, _, width, _) in zip(table.columns, columns, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        row.height = Mm(6)  # at least
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, (_, _, width, _) in zip(row.cells, columns, strict=True):
            cell.width = Mm(width)
            cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    for at, (head, cell, _, number) in enumerate(columns):
        for row, text in ((0, head), (2, cell)):
            paragraph = table.cell(row, at).paragraphs[0]
            _run(paragraph, text, HEI if row == 0 else FANG, 9)
            if number:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _run(table.cell(1, 0).paragraphs[0], f"{{%tr for row in {name} %}}", FANG, 9)
    _run(table.cell(3, 0).paragraphs[0], "{%tr endfor %}", FANG, 9)


if __name__ == "__main__":
    draw(sys.argv[1])
