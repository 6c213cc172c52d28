"""What an import says of itself (`etl.outcome.Outcome.lines`), in the office's language."""

from __future__ import annotations

import re

from web.desk.load_words import REASONS

N = r"([\d,]+)"
AGREED = rf"(.*): computed = published on (.*?) of {N} rows, (.*?) within (\d+) m"
AGREE = r"\1：\3 行中推算与来源所写一致 \2，\5 米以内 \4"
LINES: tuple[tuple[str, str], ...] = (
    (
        rf"(.*): {N} rows read = {N} stored \+ {N} rejected \+ {N} duplicates\.",
        r"\1：读取 \2 行 = 入库 \3 + 未入库 \4 + 重复 \5。",
    ),
    (rf"{N} of the stored rows bring known issues up to date\.", r"入库的行中有 \1 行更新了已有的问题。"),
    (
        rf"Duplicates: {N} stored before and unchanged, {N} with the key of another row\.",
        r"重复：\1 行先前已入库且没有变化，\2 行的编号与另一行相同。",
    ),
    (rf"Located: {N} of {N}\.", r"已定位：\2 行中的 \1 行。"),
    (rf"{AGREED}; {N} name areas that the pack has not: (.*)\.", rf"{AGREE}；\6 行所写的区域城市包中没有：\7。"),
    (rf"{AGREED}\.", f"{AGREE}。"),
    (r"(.*): no row has both a usable position and a published .*", r"\1：没有一行既有可用的位置又写明了区域。"),
)
TITLES = {"Rejected": "未入库", "Not located": "未定位", "Decided": "已处理"}
COUNTED = re.compile(rf"(Rejected|Not located|Decided): {N} – (?:for {N} other reasons|(.*))")
# A column before a reason, and what is quoted of a row, stay as they are.
WORDS: tuple[tuple[str, str], ...] = (
    ("no coordinates", "没有坐标"),
    ("a default point of the source", "来源的默认点"),
    ("coordinates swapped: they would lie in the city the other way round", "经纬度颠倒：对调后落在本市"),
    ("outside the city's borders", "在本市界线以外"),
    (
        "coordinates are no numbers, or none that this system has: taken as missing",
        "坐标不是数字，或不在该坐标系内：视为没有",
    ),
    (r"rows at exactly (.*?): taken for a default point.*", r"恰在 \1 的行：视为默认点（对应表中 real_points 可保留）"),
    ("categories were added to the pack: (.*)", r"新增了类别：\1"),
    ("status (.*) is not in the mapping: .*", r"状态 \1 不在对应表中：有办结时间算已办结，否则算未办结"),
    ("status says closed, no time says when: kept open", "状态为已办结而没有时间：仍算未办结"),
    ("status says open, closing time ignored", "状态为未办结：不用其办结时间"),
    ("unit (.*) is not in the pack: the duties decide", r"单位 \1 不在城市包中：由责任清单决定"),
    ("(closing|status) time in the future ignored", r"\1时间在将来：不用"),
    ("deadline more than 100 years ahead ignored", "期限在一百年以后：不用"),
    ("(reported|closing|status|deadline) time unreadable", r"\1时间读不懂"),
    ("(reported|closing|status|deadline) time happened twice .*", r"\1时间因调钟出现两次：取前一次"),
    ("(reported|closing|status|deadline) time never happened .*", r"\1时间因调钟不存在：后移"),
    ("stored issues are (.*) and stay so, though .*", "已作废或退回的问题保持不变，台账所写不再改变它们"),
    ("stored issues were rectified later than .*", "已整改的时间晚于台账所写：这份是较早的导出吗？保持不变"),
    ("no such time, or not in this form", "没有这样的时间，或写法不同"),
    ("before (.*)", r"早于 \1"),
    ("in the future", "在将来"),
    ("unknown category", "类别不认识"),
    ("no time limit in limits.csv", "在 limits.csv 中没有时限"),
    ("a spreadsheet rounded the key", "编号被电子表格改成了近似值：请把该列设为文本后重新导出"),
    ("more values than the header has columns", "值的个数多于表头的列数"),
    *REASONS,
)
TIMES = {"reported": "上报", "closing": "办结", "status": "状态", "deadline": "期限"}


def line_in(lang: str, line: str) -> str:
    """One line of the report; as it is in English, and where no words are known for it."""
    if lang != "zh":
        return line
    counted = COUNTED.fullmatch(line)
    if counted:
        title, n, others, text = counted.groups()
        what = f"另有 {others} 种原因" if others else _words(text)
        return f"{TITLES[title]}：{n}{'' if title == 'Decided' else ' 行'} – {what}"
    for pattern, words in LINES:
        found = re.fullmatch(pattern, line)
        if found:
            return found.expand(words)
    return line


def _words(text: str) -> str:
    column, _, rest = text.partition(": ")
    for pattern, words in WORDS:
        for before, part in (("", text), (f"{column}：", rest)):
            found = re.fullmatch(pattern, part) if part else None
            if found:
                said = found.expand(words)
                return before + (TIMES[found[1]] + said[len(found[1]) :] if words.startswith(r"\1时间") else said)
    return text
