"""The desk's words, Chinese first. A phrase with a part to fill is a function."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Pair = tuple[Any, Any]
WORDS: dict[str, Pair] = {
    "product": ("文明天气图", "Civilization Weather Map"),
    "desk": ("督查台", "Desk"),
    "sign_in": ("登录", "Sign in"),
    "sign_in_title": ("登录文明天气图", "Sign in to the Civilization Weather Map"),
    "sign_out": ("退出", "Sign out"),
    "login": ("账号", "Login"),
    "password": ("密码", "Password"),
    "new_password": ("新密码", "New password"),
    "again": ("再输入一次", "Once more"),
    "not_same": ("两次输入不一致。", "The two are not the same."),
    "password_hint": ("10 个字符以上；一句话最好记。", "10 characters or more; a sentence is easy to keep in mind."),
    "set_password": ("设置密码", "Set the password"),
    "welcome": (lambda name: f"{name}，请设置密码", lambda name: f"{name}, choose a password"),
    "begin_text": (
        lambda login: f"账号：{login}。此链接只能使用一次。",
        lambda login: f"Login: {login}. This link is good once.",
    ),
    "demo": ("演示数据", "Demo data"),
    "demo_accounts": (
        "以下账号只在演示库中存在，点一下即可登录：",
        "These accounts exist in the demo alone; one click signs in:",
    ),
    "to_wall": ("天气图大屏", "To the wall"),
    "other": ("English", "中文"),
    "other_code": ("en", "zh"),
    "search": ("编号", "Number"),
    "search_label": ("按编号查找", "Find by number"),
    "skip": ("跳到内容", "Skip to content"),
    "mine": ("我的队列", "My queues"),
    "all": ("全部", "All"),
    "imports": ("导入记录", "Imports"),
    "keys": ("快捷键", "Keys"),
    "keys_move": ("上下", "move"),
    "keys_choose": ("选择", "choose"),
    "keys_open": ("打开", "open"),
    "urgent_first": ("最急在前", "Most urgent first"),
    "newest_first": ("最新在前", "Newest first"),
    "updated": (lambda at: f"{at} 更新", lambda at: f"as of {at}"),
    "in_url": ("筛选在网址里，可转发", "Filters are in the address; share it"),
    "any_area": ("镇街：全部", "Any town"),
    "any_category": ("类别：全部", "Any category"),
    "any_unit": ("责任单位：全部", "Any unit"),
    "any_source": ("来源：全部", "Any source"),
    "clear": ("清除筛选", "Clear filters"),
    "apply": ("筛选", "Filter"),
    "chosen": ("已选", "Chosen"),
    "pieces": ("件", ""),
    "number": ("编号", "Number"),
    "problem": ("问题", "Problem"),
    "source": ("来源", "Source"),
    "unit": ("责任单位", "Unit"),
    "term": ("时限", "Term"),
    "state": ("状态", "State"),
    "choose_all": ("全选", "Choose all"),
    "choose": ("选择", "Choose"),
    "overdue": ("逾期", "Overdue"),
    "in_an_hour": ("一小时内到期", "Due within the hour"),
    "today": ("今天", "Today"),
    "later": ("以后", "Later"),
    "no_term": ("未定时限", "No term yet"),
    "ordered": ("督办", "Ordered"),
    "listed": ("挂牌督办", "Listed"),
    "review": ("边界待复核", "Near a border"),
    "red_line": ("红线", "Red line"),
    "more": ("再看", "More"),
    "shown": (lambda n, of: f"已显示 {n} / {of} 件", lambda n, of: f"{n} of {of} shown"),
    "nothing": ("这里没有待办", "Nothing waits here"),
    "nothing_text": ("换一个队列看看，或回到天气图。", "Look at another queue, or go back to the wall."),
    "nothing_filtered": ("没有符合筛选的问题", "Nothing fits the filters"),
    "before": ("上一件", "Before"),
    "next": ("下一件", "Next"),
    "place": ("位置", "Place"),
    "receipt": ("回执", "Receipt"),
    "fixes": ("五定", "Five fixes"),
    "person": ("定人", "Person"),
    "task": ("定任务", "Task"),
    "deadline": ("定时限", "Deadline"),
    "standard": ("定标准", "Standard"),
    "duty": ("定责任", "Responsibility"),
    "trace": ("时限推算", "How the term runs"),
    "counted": ("计时合计", "Counted in all"),
    "not_counted": ("不计", "not counted"),
    "story": ("经过", "Story"),
    "steps": (lambda n: f"{n} 步", lambda n: f"{n} steps"),
    "now": ("现在", "now"),
    "by_program": ("系统", "Program"),
    "left": ("余", "left"),
    "late": ("超", "late"),
    "none": ("–", "–"),
    "map_note": ("界线为示意绘制，非法定界线", "Borders are schematic, not legal ones"),
    "no_place": ("未定位：没有可用的坐标", "Not located: no position that can be used"),
    "your_moves": ("您现在可以", "You may now"),
    "no_person": (
        "您的账号没有对应的人员，只能查看；请系统管理员绑定。",
        "Your account stands for nobody in the city's list of people, so it can only look.",
    ),
    "no_moves": ("现在轮不到您办理这一件。", "Nothing here waits for you now."),
    "note": ("说明", "Note"),
    "note_hint": ("写明情况或理由；不写个人信息。", "Say what was done or why; no personal data."),
    "until": ("期限", "Until"),
    "send": ("确定", "Confirm"),
    "cancel": ("取消", "Cancel"),
    "done": (lambda n, move: f"已{move} {n} 件。", lambda n, move: f"{move}: {n} done."),
    "stale": (
        "在您查看期间，这一件已有变化，没有覆盖任何内容：",
        "This issue changed while you looked at it; nothing was overwritten:",
    ),
    "refused": ("没有办成", "Not done"),
    "kept": ("您写的内容还在。", "What you wrote is still here."),
    "unit_work": (lambda h: f"{h} 工作小时", lambda h: f"{h} working hours"),
}


def words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})


def said(phrase: str | Callable[..., str], *parts: object) -> str:
    """A word, or a phrase with its parts."""
    return phrase if isinstance(phrase, str) else phrase(*parts)
