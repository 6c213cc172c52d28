"""Writes the Word template that comes with the program: `python -m etl.bulletin.draw_word FILE`."""

from __future__ import annotations

import sys
from typing import Any

from docx import Document
from docx.document import Document as Open
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FANG, SONG, HEI = "仿宋_GB2312", "方正小标宋简体", "黑体"
TOWN = (
    ("镇（街道）", "{{ row.name }}"),
    ("天气", "{{ row.weather_word }}"),
    ("通报", "{{ row.notified }}"),
    ("已整改", "{{ row.rectified }}"),
    ("未整改", "{{ row.open }}"),
    ("逾期", "{{ row.overdue }}"),
    ("整改率", "{{ row.rectification_rate }}"),
    ("按期率", "{{ row.on_time_rate }}"),
)
UNIT = (("责任单位", "{{ row.name }}"), *TOWN[2:])
ISSUE = (
    ("编号", "{{ row.number }}"),
    ("问题", "{{ row.category }}"),
    ("责任单位", "{{ row.unit }}"),
    ("位置", "{{ row.area }} {{ row.address }}"),
    ("时限", "{{ row.deadline }}"),
)


def draw(path: str) -> None:
    """Write the template."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    _line(document, "{{ head }}", SONG, 34, centre=True, red=True)
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
    _line(document, "{%p for group in lists %}", FANG, 16)
    _line(document, "{{ group.kind }}", HEI, 14)
    _line(
        document,
        "红榜：{% for row in group.red %}{{ row.place }}. {{ row.name }}（{{ row.rate }}） {% endfor %}",
        FANG,
        14,
    )
    _line(
        document,
        "黑榜：{% for row in group.black %}{{ row.place }}. {{ row.name }}（{{ row.rate }}） {% endfor %}",
        FANG,
        14,
    )
    _line(document, "{%p endfor %}", FANG, 16)
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
    _line(document, "附件1　责任单位情况表", HEI, 14)
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


def _table(document: Open, name: str, columns: tuple[tuple[str, str], ...]) -> None:
    table = document.add_table(4, len(columns), "Table Grid")
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for at, (head, cell) in enumerate(columns):
        for row, text in ((0, head), (2, cell)):
            paragraph = table.cell(row, at).paragraphs[0]
            _run(paragraph, text, HEI if row == 0 else FANG, 9)
    _run(table.cell(1, 0).paragraphs[0], f"{{%tr for row in {name} %}}", FANG, 9)
    _run(table.cell(3, 0).paragraphs[0], "{%tr endfor %}", FANG, 9)


if __name__ == "__main__":
    draw(sys.argv[1])
