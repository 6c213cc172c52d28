"""The words of the pages of reports and of what is made in the background, Chinese first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

WORDS: dict[str, tuple[Any, Any]] = {
    "reports": ("报表", "Reports"),
    "level": ("区域级别", "Areas"),
    "parent": ("所属", "Inside"),
    "any_parent": ("全市", "the whole city"),
    "by": ("口径", "Counted by"),
    "place": ("属地", "place"),
    "responsibility": ("责任", "responsibility"),
    "unit_level": ("责任单位", "Responsible units"),
    "from": ("自", "From"),
    "to": ("至", "To"),
    "category": ("类别", "Category"),
    "special": ("专项", "Special work"),
    "source": ("来源", "Source"),
    "unit": ("责任单位", "Unit"),
    "state": ("状态", "State"),
    "any": ("全部", "any"),
    "compare": ("与上期比较", "Beside the period before"),
    "show": ("查看", "Show"),
    "clear": ("清除筛选", "Clear"),
    "download": ("下载", "Download"),
    "download_hint": (
        "与屏幕上的数字为同一时刻。",
        "The same instant as on the screen.",
    ),
    "map": ("地图", "Map"),
    "chart": ("图表", "Chart"),
    "table": ("表格", "Table"),
    "stamp": ("说明", "Notes"),
    "no_rows": ("没有可列的区域", "Nothing to list"),
    "no_rows_text": ("换一个级别或去掉筛选再看。", "Choose another level, or clear the filters."),
    "views": ("已存视图", "Saved views"),
    "no_views": ("把常用的筛选存下来，下次一点就到。", "Save filters that you use often."),
    "save": ("保存当前视图", "Save this view"),
    "view_name": ("视图名称", "Name of the view"),
    "remove": ("删除", "Delete"),
    "remove_sure": ("确定删除吗？", "Really delete?"),
    "again": ("定时生成", "Make it again and again"),
    "rhythm": ("周期", "Every"),
    "clock": ("时间", "At"),
    "format": ("格式", "Format"),
    "window": ("统计区间", "Window"),
    "keep": ("定时", "Schedule"),
    "issues": ("导出问题清单", "Export the list of issues"),
    "issues_hint": (
        "按当前筛选导出每一件问题；在后台生成，完成后在“后台任务”下载。",
        "Every issue under these filters; made in the background, fetched from Jobs.",
    ),
    "export": ("导出", "Export"),
    "jobs": ("后台任务", "Jobs"),
    "jobs_hint": ("完成的文件保留 7 天。", "Finished files are kept for seven days."),
    "no_jobs": ("还没有后台任务", "No jobs yet"),
    "no_jobs_text": ("在“报表”里导出问题清单或设置定时生成。", "Export issues or set a schedule on Reports."),
    "what": ("内容", "What"),
    "when": ("时间", "When"),
    "how": ("进度", "Progress"),
    "file": ("文件", "File"),
    "cancel": ("取消", "Cancel"),
    "cancelling": ("正在取消", "being cancelled"),
    "expired": ("文件已过期", "The file has expired"),
    "until": (lambda at: f"保留到 {at}", lambda at: f"kept until {at}"),
    "schedules": ("定时任务", "Schedules"),
    "no_schedules": ("没有定时任务。", "No schedules."),
    "next": ("下次", "Next"),
    "of": (lambda n, total: f"{n:,} / {total:,}", lambda n, total: f"{n:,} / {total:,}"),
    "daily": ("每天", "every day"),
    "saved": ("已保存。", "Saved."),
    "asked": ("已加入后台任务。", "Put into the queue."),
    "window_any": ("按日期", "by dates"),
    "window_all": ("至今全部", "all up to now"),
    "all_issues": ("全部问题", "All issues"),
    "as_of": ("数据时刻", "As of"),
    "notified_on": ("通报时间", "Notified"),
    "is_overdue": ("逾期", "overdue"),
    "first_page": ("回到第一页", "First page"),
    "next_page": ("下一页", "Next page"),
    "no_issues": ("没有问题", "No issues"),
    "no_issues_text": ("这个数字是 0。", "The number is 0."),
    "netted": (
        "此处逐件列出区间内发生且至今有效的问题；区间报表的流量为净数，区间内作废、重开的问题会从净数中扣除，两者可能相差几件。",
        "Listed issue by issue: what came in the window and still counts. A report's flows are net, what was voided or"
        " reopened in the window taken off, so that the two may differ by a few.",
    ),
}
WINDOWS = {
    "today": ("今天", "today"),
    "yesterday": ("昨天", "yesterday"),
    "this_week": ("本周", "this week"),
    "last_week": ("上周", "last week"),
    "this_month": ("本月", "this month"),
    "last_month": ("上月", "last month"),
}
JOB_STATES = {
    "waiting": ("等待", "waiting"),
    "running": ("进行中", "under way"),
    "done": ("完成", "done"),
    "failed": ("失败", "failed"),
    "cancelled": ("已取消", "cancelled"),
}
WEEKDAYS = {
    "mon": ("每周一", "Mondays"),
    "tue": ("每周二", "Tuesdays"),
    "wed": ("每周三", "Wednesdays"),
    "thu": ("每周四", "Thursdays"),
    "fri": ("每周五", "Fridays"),
    "sat": ("每周六", "Saturdays"),
    "sun": ("每周日", "Sundays"),
}
FORMATS = {
    "xlsx": ("Excel 工作簿", "Excel workbook"),
    "csv": ("CSV（UTF-8）", "CSV (UTF-8)"),
    "csv-gb18030": ("CSV（GB18030）", "CSV (GB 18030)"),
    "pdf": ("PDF", "PDF"),
    "docx": ("Word 文档", "Word document"),
    "html": ("地图网页（离线可开）", "Map page (opens offline)"),
    "geojson": ("GeoJSON", "GeoJSON"),
    "gpkg": ("GeoPackage（QGIS 带样式）", "GeoPackage (styled for QGIS)"),
    "geoparquet": ("GeoParquet", "GeoParquet"),
    "fgb": ("FlatGeobuf", "FlatGeobuf"),
}


def report_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    formats = {name: pair[at] for name, pair in FORMATS.items()}
    windows = {name: pair[at] for name, pair in WINDOWS.items()}
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()}, formats=formats, windows=windows)


def rhythm_in(rhythm: str, lang: str) -> str:
    """A schedule's rhythm in words."""
    at = 1 if lang == "en" else 0
    if rhythm == "daily":
        return str(WORDS["daily"][at])
    if rhythm in WEEKDAYS:
        return WEEKDAYS[rhythm][at]
    return f"day {rhythm} of each month" if at else f"每月 {rhythm} 日"
