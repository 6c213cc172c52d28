"""What is wrong with a ledger (`LedgerError`), in the office's language and without the server's folders."""

from __future__ import annotations

import re

FOLDERS = re.compile(r"""(?<![^\s'"(])(?:/[^/\s:]+)+/(?=[^/\s:])""")
F = r"(?P<file>[^:]*?)(?::(?P<line>\d+))?"
# What the error says → what is shown: where the file's name and the line stand, and the remedy with it.
PROBLEMS: tuple[tuple[str, str], ...] = (
    (r" is empty\.", "是空的。请连同表头重新导出台账。"),
    (r" has no rows\.", "没有数据行。"),
    (r" unpacks to .* its size\.", "解开后比文件大得异常：是损坏了，还是陷阱？没有读取。"),
    (
        r" unpacks to (?P<a>[\d,]+) MiB; .* up to (?P<b>\d+) MiB\.",
        "解开有 {a} MiB，工作簿最多读 {b} MiB。请另存为 CSV（UTF-8），CSV 多大都能读。",
    ),
    (
        r": the cells of (?P<a>.*) reach over .*",
        "的单元格（{a}）散得太开，多半有一个误留在远处。请按 Ctrl+End 找到并删去表格以外的内容，或另存为 CSV。",
    ),
    (r" is no workbook: it is a web page .*", "不是工作簿，而是网页。请用电子表格软件打开，另存为 .xlsx。"),
    (r" is no workbook: it is a text .*", "不是工作簿，而是文本。请把扩展名改为 .csv。"),
    (r" is a newer workbook .*", "是新格式的工作簿。请把扩展名改为 .xlsx。"),
    (r" is an old workbook .*", "是旧格式（.xls）或带密码的工作簿。请把扩展名改为 .xls，或去掉密码另存。"),
    (r" has no sheet with a header and rows\.", "没有既有表头又有数据的工作表。"),
    (r" is no CSV file: .*", "不是 CSV 文件。请改用它本来的扩展名，或打开后另存为 CSV（UTF-8）。"),
    (
        r": the text is neither UTF-8 .*",
        "的文字编码认不出来。请另存为 CSV（UTF-8），或在对应表 [file] encoding 中写明编码。",
    ),
    (r": the text is not in (?P<a>.*)\.", "的文字不是 {a} 编码。请另存为 CSV（UTF-8），或写明编码。"),
    (r": the file holds NUL bytes.*", "含有空字节：不是 CSV 文件。请另存为 CSV（UTF-8）。"),
    (r" is no table: .*", "不是表格：没有逗号、分号、制表符或竖线把各行分成列。请导出带表头的 CSV。"),
    (r": a line is longer than .*", "有一行过长：这是表格吗？请重新导出。"),
    (r": a quotation mark .*", '有一个引号（"）从这里开始而没有结束。请补上，或把单个引号写成两个。'),
    (r": columns are there twice: (?P<a>.*)\.", "的表头中有重名的列：{a}。请改掉其中一个。"),
    (r" holds no geographic file\.", "里面没有地理数据文件（.shp、.gpkg、.geojson）。"),
    (r" holds data in several folders: (?P<a>.*)\.", "里面有几个文件夹：{a}。请解开，只上传其中一个文件。"),
    (r" cannot be (?:opened|unpacked|read)\b.*", "打不开：可能不完整、已损坏或有密码。请重新导出或另存后再上传。"),
    (r": the mapping names columns that the file has not: (?P<a>.*)\.", "没有对应表所写的列：{a}。请改对应表。"),
    (r": the pack has no source (?P<a>.*)\.", "所写的来源 {a} 城市包中没有。"),
    (
        r": the coordinates seem to be in another system\. (?P<a>.*)",
        "的坐标看来属于另一坐标系，没有入库。请按下面的数字改对应表 [position] 的 crs；确认无误则写 sure = true。{a}",
    ),
)


def problem_in(lang: str, what: str, remedy: str) -> str:
    """What happened and how to mend it; in English where no words are known for it."""
    what = FOLDERS.sub("", what)  # only the name of the file that somebody sent
    if lang == "zh":
        for pattern, words in PROBLEMS:
            found = re.fullmatch(F + pattern, what, re.DOTALL)
            if found:
                line = f"第 {found['line']} 行" if found["line"] else ""
                return f"{found['file']} {line}{words.format(**found.groupdict())}"
    return f"{what} {remedy}".strip()
