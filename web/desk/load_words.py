"""The words of the pages on imports and on issues near a border, Chinese first."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

WORDS: dict[str, tuple[Any, Any]] = {
    "loads": ("导入记录", "Imports"),
    "sum": (
        lambda r: f"读取 {r.read:,} = 入库 {r.stored:,} + 未入库 {r.rejected:,} + 重复 {r.duplicates:,}",
        lambda r: f"{r.read:,} read = {r.stored:,} stored + {r.rejected:,} rejected + {r.duplicates:,} duplicates",
    ),
    "file": ("台账", "Ledger"),
    "when": ("时间", "When"),
    "rows": ("行数", "Rows"),
    "why": ("未入库的原因", "Why rows were not stored"),
    "download": (lambda n: f"下载 {n:,} 行", lambda n: f"Download {n:,} rows"),
    "all_stored": ("全部入库", "All were stored"),
    "more": (lambda n: f"另有 {n} 种原因，见下载文件", lambda n: f"{n} more reasons, in the file"),
    "no_loads": ("还没有导入过台账", "No ledger was imported yet"),
    "no_loads_text": (
        "在“导入台账”上传，或在服务器上运行 weathermap import，这里就会列出每次导入与未入库的行。",
        "Upload one, or run weathermap import on the server; each import and its rejected rows will stand here.",
    ),
    "sums": ("每次导入的行数都对得上：", "The rows of each import add up:"),
    "reviews": ("边界待复核", "Near a border"),
    "reviews_text": (
        "位置误差可能改变责任单位的问题，并列两个候选；在督查台打开处理。",
        "The position's error could change who answers; both candidates are given. Open an issue to act on it.",
    ),
    "decided": ("已定", "Decided"),
    "next": ("次近", "Next"),
    "error": (lambda m: f"误差 {m:g} 米", lambda m: f"error {m:g} m"),
    "away": (lambda m: f"相距 {m:.0f} 米", lambda m: f"{m:.0f} m away"),
    "no_reviews": ("没有待复核的问题", "Nothing waits for review"),
    "no_reviews_text": (
        "没有一件问题的位置误差会改变责任单位。",
        "No issue lies so near a border that its position's error could change the unit.",
    ),
}


# What the import says of a row that was not stored; what it quotes of the row is an ellipsis.
REASONS: tuple[tuple[str, str], ...] = (
    (r"key … is also on …, .*", "编号与另一行相同，以较晚或在前的一行为准"),
    (r"… is no time of the form (.*)", r"时间的写法不是 \1"),
    (r"… is impossible: it lies in the future", "时间在将来"),
    (r"… is impossible: before (.*)", r"时间早于 \1"),
    (r"the time of the report is empty", "没有上报时间"),
    (r"the key is empty", "没有编号"),
    (r"a key longer than (\d+)", r"编号超过 \1 个字符"),
    (r"… was a longer number: .*", "编号被电子表格改成了近似值：请把该列设为文本后重新导出"),
    (r"the category is empty", "没有类别"),
    (r"category … is unknown.*", "类别不认识"),
    (r"category … has no time limit in limits.csv", "类别在 limits.csv 中没有时限"),
    (r"the row has (\d+) values, the header (\d+).*", r"一行有 \1 个值，表头只有 \2 列"),
    (r"a total, no record", "合计行，不是记录"),
    (r"the header once more, no record", "重复的表头，不是记录"),
    (r"the cell holds a formula without a value", "单元格是没有结果的公式"),
    (r"the cell holds the error (.*)", r"单元格是错误值 \1"),
)


def reason_in(lang: str, field: str, reason: str) -> str:
    """A reason with its column, in a language."""
    if lang == "zh":
        for pattern, words in REASONS:
            if re.fullmatch(pattern, reason):
                reason = re.sub(pattern, words, reason)
                break
    column = "" if field in ("", "duplicate") else field
    return f"{column}{'：' if lang == 'zh' else ': '}{reason}" if column else reason


def load_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})
