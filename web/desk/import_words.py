"""The words of the pages that import a ledger, Chinese first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

WORDS: dict[str, tuple[Any, Any]] = {
    "import": ("导入台账", "Import a ledger"),
    "file": ("台账文件", "Ledger"),
    "file_hint": (
        "CSV、Excel、ODS、GeoPackage、GeoJSON、Parquet；上传后先看列的对应，再试运行，确认后才入库。",
        "CSV, Excel, ODS, GeoPackage, GeoJSON, Parquet. Columns are shown first, then tried; nothing is stored before.",
    ),
    "upload": ("上传", "Upload"),
    "not_read": ("没有读懂这个文件", "The file was not understood"),
    "mapping": ("列的对应", "How columns are understood"),
    "mapping_hint": (
        "每行后面写着依据；标有 UNSURE 或 NOT FOUND 的行请核对、改正。",
        "The reason stands beside each line; look at those marked UNSURE or NOT FOUND.",
    ),
    "unsure": (lambda n: f"{n} 行需要核对", lambda n: f"{n} lines to look at"),
    "sure": ("没有存疑的行", "No line is unsure"),
    "first": ("文件开头的几行", "The first rows"),
    "try": ("试运行（不入库）", "Try it (stores nothing)"),
    "go": ("导入", "Import"),
    "go_sure": ("确定导入吗？入库后不能撤销。", "Import it? What is stored stays."),
    "result": ("结果", "Result"),
    "dry": ("试运行：没有入库", "Tried: nothing was stored"),
    "done": ("已导入", "Imported"),
    "rows": (lambda n, total: f"{n:,} / {total:,} 行", lambda n, total: f"{n:,} / {total:,} rows"),
    "cancel": ("取消", "Cancel"),
    "cancelling": ("正在取消…", "Being cancelled …"),
    "cancelled": (
        "没有数据入库；再次导入会重新开始（大台账从中断处接着做）。",
        "Nothing was stored; import it again to begin anew (a large ledger goes on where it stopped).",
    ),
    "rejected": ("下载未入库的行（改好后重新上传）", "Fetch the rows that were not stored (mend them, upload again)"),
    "loads": ("导入记录", "Imports"),
    "again": ("上传另一个文件", "Upload another file"),
}


def import_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})
