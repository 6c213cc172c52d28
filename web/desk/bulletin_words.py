"""The words of the pages of bulletins, Chinese first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

WORDS: dict[str, tuple[Any, Any]] = {
    "bulletins": ("通报", "Bulletins"),
    "write": ("起草通报", "Write a bulletin"),
    "kind": ("种类", "Kind"),
    "day": ("日期（所在的日、周、月）", "Day (of its day, week or month)"),
    "begin": ("取数并起草", "Read the numbers and draft"),
    "begin_hint": (
        "数字在此刻读取一次并固定，各种形式都由它生成。",
        "The numbers are read once, now, and kept; every form is made from them.",
    ),
    "none": ("还没有通报", "No bulletins yet"),
    "none_text": ("督查专员或指挥长在这里起草。", "Supervisors and commanders write them here."),
    "state": ("状态", "State"),
    "instant": ("数据时刻", "As of"),
    "preview": ("预览", "Preview"),
    "broken": ("模板有错", "A template is broken"),
    "head": ("文头", "Head"),
    "title": ("标题", "Title"),
    "number": ("发文字号", "Number"),
    "recipients": ("主送", "To"),
    "signer": ("落款单位", "Signed by"),
    "signed_on": ("落款日期", "Signed on"),
    "matter": ("开头语（单项通报写事由）", "Opening (of a notice: the matter)"),
    "save": ("保存", "Save"),
    "show": ("送有关单位阅看（24 小时）", "Show it to those named (24 h)"),
    "publish": ("发布", "Publish"),
    "withdraw": ("撤回", "Withdraw"),
    "withdraw_sure": ("确定撤回吗？", "Really withdraw it?"),
    "named": ("点名单位", "Units named"),
    "nobody": ("没有点名单位，可以直接发布。", "Nobody is named: it may be published at once."),
    "until": (lambda at: f"意见截止 {at}", lambda at: f"objections until {at}"),
    "over": ("意见期已过。", "The time for objections is over."),
    "objections": ("单位意见与答复", "Objections and answers"),
    "no_objections": ("没有意见。", "No objections."),
    "answer": ("答复", "Answer"),
    "unanswered": ("待答复", "waits for an answer"),
    "object": ("提出意见", "Object"),
    "object_hint": (
        "写明哪一处不实及依据；答复会写进通报。",
        "Say what is wrong and why; the answer will stand in the bulletin.",
    ),
    "own": ("通报中涉及本单位的内容", "What it says of your unit"),
    "own_numbers": (
        lambda e: (
            f"通报 {e['notified']}，已整改 {e['rectified']}，未整改 {e['open']}，逾期 {e['overdue']}；"
            f"按期率 {e['on_time_rate']}，整改率 {e['rectification_rate']}"
        ),
        lambda e: (
            f"Notified {e['notified']}, rectified {e['rectified']}, open {e['open']}, overdue {e['overdue']};"
            f" on-time rate {e['on_time_rate']}, rectification rate {e['rectification_rate']}"
        ),
    ),
    "red": ("红榜", "red list"),
    "black": ("黑榜", "black list"),
    "schedules": ("定时起草", "Drafted by themselves"),
    "schedules_hint": (
        "到时自动取上一个完整的日、周、月的数字起草；勾选送阅的，当即送有关单位阅看 24 小时，发布仍由人来做。",
        "At its time the numbers of the last whole day, week or month are read and drafted; with the tick those named"
        " see it at once, for 24 hours. Publishing stays with a person.",
    ),
    "daily": ("每天", "every day"),
    "first": ("每月 1 日", "the 1st of each month"),
    "rhythm": ("周期", "Every"),
    "clock": ("时间", "At"),
    "show_at_once": ("起草后即送阅", "show it at once"),
    "keep": ("定时", "Schedule"),
    "next": ("下次", "Next"),
    "remove": ("删除", "Delete"),
    "remove_sure": ("确定删除吗？", "Really delete?"),
    "files": ("下载", "Files"),
    "pdf": ("PDF", "PDF"),
    "docx": ("Word（可编辑）", "Word (to edit)"),
    "png": ("长图（微信）", "Long picture (for a chat)"),
    "txt": ("文字（微信）", "Text (for a chat)"),
    "templates": (
        "版式文件：数据目录 templates/ 中的 bulletin.docx、bulletin.typ（可加 -weekly 等后缀）优先于程序自带的。",
        "Templates: bulletin.docx and bulletin.typ in the data folder's templates/ (-weekly and so on) come first.",
    ),
}


def bulletin_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})
