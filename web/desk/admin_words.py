"""The words of the administrators' pages, Chinese first."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from web.desk.admin_more_words import MORE

Pair = tuple[Any, Any]
WORDS: dict[str, Pair] = {
    "admin": ("系统管理", "Administration"),
    "people": ("人员与权限", "People"),
    "log": ("访问日志", "Access log"),
    "changes": ("修改记录", "Changes"),
    "find": ("查找", "Find"),
    "find_label": ("在表中查找", "Find in this table"),
    "rows": (lambda n: f"{n:,} 行", lambda n: f"{n:,} rows"),
    "of_rows": (lambda n, of: f"{n:,} / {of:,} 行", lambda n, of: f"{n:,} of {of:,} rows"),
    "add": ("新增", "Add"),
    "nothing": ("没有符合的行", "Nothing fits"),
    "nothing_text": ("换一个词查找，或新增一行。", "Look for another word, or add a row."),
    "edit": (lambda key: f"修改 {key}", lambda key: f"Change {key}"),
    "new": ("新增一行", "A new row"),
    "back": ("回到列表", "Back to the list"),
    "since": ("从哪天起", "From which day on"),
    "since_hint": (
        "从这天起按新职责派遣，之前的仍按原职责；留空则直接改原行（只改文字时用）。",
        "From that day the new duty holds, before it the old one. Empty: the row itself is mended.",
    ),
    "look": ("先看影响", "Look what it does"),
    "end": ("停用 / 删除", "End or remove"),
    "effect": ("这样改会怎样", "What it would do"),
    "faults": ("不能这样改", "This cannot be"),
    "apply": ("确认生效", "Do it"),
    "hand_over": ("同时把这些未结问题改派给新单位", "Hand these open issues over at once"),
    "written_to": (
        "生效即为数据包的新版本，注明谁在何时改了什么；可导出回文件夹。",
        "It makes a new version of the city's pack, with who changed what and when; `city export` writes it out.",
    ),
    "would_move": (
        lambda n: f"{n:,} 件未结问题会换责任单位",
        lambda n: f"{n:,} open issues would go to another unit",
    ),
    "no_move": ("没有未结问题会换责任单位", "No open issue would go to another unit"),
    "from_day": (lambda day: f"按 {day} 的职责试算", lambda day: f"by the duties of {day}"),
    "unanswered": (
        lambda n: f"另有 {n:,} 件未结问题没有职责匹配，留在原处。",
        lambda n: f"No duty names a unit for {n:,} open issues: they stay where they are.",
    ),
    "from": ("原单位", "From"),
    "to": ("新单位", "To"),
    "issues": ("件数", "Issues"),
    "rule": ("哪条职责胜出，为什么", "Which duty wins, and why"),
    "example": ("例如", "e.g."),
    "nobody": ("无单位", "nobody"),
    "alone": ("只有这条匹配", "the only one that matches"),
    "why_area": ("区域更具体", "its area is finer"),
    "why_category": ("类别更具体", "its category is more exact"),
    "why_point_kind": ("限定了点位类型", "it names a kind of point"),
    "why_source": ("限定了来源", "it names a source"),
    "over": (lambda code: f"胜过 {code}：", lambda code: f"wins over {code}: "),
    "relimited": (
        lambda n, a, b: (
            f"在办 {n:,} 件按规则定的时限中，{a:,} 件会更早、{b:,} 件会更晚。已定的时限不变，只用于此后派遣的问题。"
        ),
        lambda n, a, b: (
            f"Of {n:,} terms given by rule to what is being handled, {a:,} would end earlier and {b:,} later. "
            "Terms already given stay; what is dispatched from now on takes the new rule."
        ),
    ),
    "due_now": ("现在的时限", "Due now"),
    "due_then": ("若重新计算", "If counted anew"),
    "before": ("改前", "Before"),
    "after": ("改后", "After"),
    "none": ("（无）", "(none)"),
    "history": ("修改记录", "What was changed"),
    "no_history": ("这里还没有修改记录。", "Nothing was changed on these pages yet."),
    "when": ("时间", "When"),
    "who": ("谁", "Who"),
    "what": ("做了什么", "What"),
    "target": ("对象", "Which"),
    "address": ("来自", "From address"),
    "valid_from": ("生效日", "From"),
    "version": (lambda n: f"数据包第 {n} 版", lambda n: f"pack version {n}"),
    "applied": (
        lambda version, moved, redated: (
            f"已生效：数据包第 {version} 版，{moved:,} 件问题已改派{f'，{redated:,} 件期限已重算' if redated else ''}。"
        ),
        lambda version, moved, redated: (
            f"Done: pack version {version}, {moved:,} issues handed over"
            f"{f', {redated:,} deadlines moved' if redated else ''}."
        ),
    ),
    "login": ("账号", "Login"),
    "name": ("姓名", "Name"),
    "roles": ("角色", "Roles"),
    "unit": ("责任单位", "Unit"),
    "person": ("对应人员", "Person"),
    "person_hint": (
        "以谁的名义办理；不对应则只能查看。",
        "In whose name moves are made; without one the account can only look.",
    ),
    "no_unit": ("不属于单位", "No unit"),
    "no_person": ("不对应人员", "Nobody"),
    "state": ("状态", "State"),
    "active": ("可登录", "may sign in"),
    "disabled": ("已停用", "disabled"),
    "locked": ("密码错误多次，暂时锁定", "locked after wrong passwords"),
    "unset": ("尚未设置密码", "no password yet"),
    "new_account": ("新建账号", "New account"),
    "create": ("建立账号", "Make the account"),
    "save": ("保存", "Save"),
    "disable": ("停用账号", "Disable"),
    "enable": ("启用 / 解锁", "Enable, unlock"),
    "reset": ("重设密码", "New password link"),
    "link": ("一次性链接", "Link, good once"),
    "link_text": (
        "把它交给本人；一天内有效，用一次即失效。此页离开后不再显示，密码只有本人知道。",
        "Give it to its owner. Good for a day and once, not shown again; only its owner knows the password.",
    ),
    "saved": ("已保存，该账号的会话已结束。", "Saved; the account's sessions have ended."),
    "apart": (
        "系统、安全、审计三员分立：管理员不能兼任其他角色，也不能修改自己的账号。",
        "System, security and audit stand apart: an administrator holds no other role and changes no own account.",
    ),
    "day_from": ("从", "From"),
    "day_to": ("到", "To"),
    "filter": ("筛选", "Filter"),
    "download": ("导出 CSV", "Download CSV"),
    "older": ("更早", "Older"),
    "no_log": ("没有符合的记录", "No entry fits"),
    "reporter": ("上报人", "Who reported"),
    "reporter_why": ("为什么要看", "Why you need to know"),
    "reporter_hint": (
        "写明用途，如：回访核实地点。每次查看连同理由都记入访问日志。",
        "E.g. to call back about the place. Each view is logged with its reason.",
    ),
    "reporter_show": ("查看电话", "Show the telephone"),
    "reporter_logged": (
        "本次查看已记入访问日志；离开本页后不再显示。",
        "This view is in the access log; it is not shown again after this page.",
    ),
    "reporter_none": ("这一件没有留下电话。", "Nobody left a telephone number with this one."),
    "own_part": ("您负责", "Yours"),
    "checks_hint": (
        "改动先看影响，确认后才生效。",
        "Look at what a change does first; nothing happens before you confirm.",
    ),
}
TABLES: dict[str, Pair] = {
    "units": ("责任单位", "Units"),
    "people": ("岗位人员", "Posts"),
    "duties": ("责任清单", "Duties"),
    "holidays": ("工作日历", "Calendar"),
    "categories": ("问题类别", "Categories"),
    "limits": ("办理时限", "Terms"),
    "standards": ("测评标准", "Standards"),
    "account": ("账号", "Account"),
}
COLUMNS: dict[str, Pair] = {
    "code": ("编码", "Code"),
    "name": ("名称", "Name"),
    "name_en": ("英文名", "English name"),
    "kind": ("种类", "Kind"),
    "area": ("区域", "Area"),
    "parent": ("上级单位", "Unit above"),
    "unit": ("单位", "Unit"),
    "role": ("岗位", "Post"),
    "title": ("职务", "Title"),
    "special": ("专项整治", "Special work"),
    "red_line": ("红线", "Red line"),
    "check_by": ("核查方式", "Checked by"),
    "category": ("类别", "Category"),
    "amount": ("数量", "Amount"),
    "point_kind": ("点位类型", "Kind of point"),
    "source": ("来源", "Source"),
    "person": ("责任人", "Person"),
    "task": ("任务", "Task"),
    "standard": ("标准", "Standard"),
    "responsibility": ("责任", "Responsibility"),
    "clause": ("依据", "Clause"),
    "valid_from": ("生效", "From"),
    "valid_to": ("截止", "Until"),
    "day": ("日期", "Day"),
    "workday": ("调休上班", "Make-up workday"),
    "roles": ("角色", "Roles"),
    "disabled": ("停用", "Disabled"),
    "login": ("账号", "Login"),
    "reports": ("不合格时上报的类别", "Category of a fail"),
    "edition": ("版本", "Edition"),
}
HINTS: dict[tuple[str, str], str] = {
    ("duties", "category"): "类别编码，或以 * 结尾的前缀；留空为全部",
    ("duties", "area"): "层级:编码，如 town:350581001；留空为全市",
    ("duties", "unit"): "单位编码，或 @层级（该层级的属地单位）",
    ("duties", "person"): "该单位的人；留空为单位负责人",
    ("units", "area"): "本单位管辖的区域编码；责任清单的 @层级 据此找到它",
    ("holidays", "workday"): "勾选为调休上班日，不勾选为放假",
    ("limits", "category"): "类别编码，或以 * 结尾的前缀；最长的匹配优先",
    ("limits", "kind"): "clock_hours 紧急工作时，work_hours 工作时，workdays 工作日",
    ("categories", "red_line"): "勾选后逾期 24 小时即为雷暴",
}


def admin_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in (WORDS | MORE).items()})


def table_name(table: str, lang: str) -> str:
    """What a table of the pack, or an account, is called."""
    return str(TABLES.get(table, (table, table))[lang == "en"])


def in_columns(text: str, lang: str) -> str:
    """A message with its columns (「unit」) by the names that the form shows."""
    return re.sub(r"「(\w+)」", lambda found: f"「{column_name(found[1], lang)}」", text)


def column_name(column: str, lang: str) -> str:
    """What a column is called; its own name when nobody named it."""
    return str(COLUMNS.get(column, (column, column))[lang == "en"])
