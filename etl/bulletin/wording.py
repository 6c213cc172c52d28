"""The text of a bulletin, made from its facts by rule: what is said of the whole, of the towns, what is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

Facts = Mapping[str, Any]
WORSE = 3  # places named


def worded(facts: Facts, head: Mapping[str, str], objections: list[Mapping[str, str]]) -> dict[str, Any]:
    """What templates are given: the facts, the document's head, and the sentences. `head`: title, number, recipients,
    signer, signed_on, matter."""
    return {
        **facts,
        "title": head["title"],
        "number": head["number"],
        "head": f"{head['signer']}文件" if len(head["signer"]) < 14 else head["signer"],
        "recipients": head["recipients"],
        "signer": head["signer"],
        "signed_on": _date(head["signed_on"]),
        "opening": _opening(facts, head),
        "overall": _overall(facts),
        "by_town": _by_town(facts),
        "asks": _asks(facts),
        "last_heading": "四、工作要求" if "lists" in facts["annexes"] and facts["lists"] else "三、工作要求",
        "objections": [dict(entry) for entry in objections],
    }


def _date(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.year}年{day.month}月{day.day}日"


def _opening(facts: Facts, head: Mapping[str, str]) -> str:
    matter = head.get("matter", "").strip()
    if matter:
        return matter
    return f"现将{facts['from']}至{facts['to']}{facts['city']}文明城市常态化督查情况通报如下（数据时刻{facts['at']}）："


def _overall(facts: Facts) -> list[str]:
    now, year = facts["totals"], facts["year"]
    lines = [
        f"区间内通报问题{now['notified']:,}件，已整改{now['rectified']:,}件，整改率{now['rectification_rate']}；"
        f"到期{now['due']:,}件，按期{now['on_time']:,}件，按期率{now['on_time_rate']}。"
        f"截至数据时刻，未整改{now['open']:,}件，其中逾期{now['overdue']:,}件、长期逾期{now['long_overdue']:,}件。",
        f"统计期以来累计通报{year['notified']:,}件，已整改{year['rectified']:,}件，整改率{year['rectification_rate']}。",
        facts["headline"],
    ]
    mock = facts["mock"]["rows"]
    passed, applicable = sum(row["passed"] for row in mock), sum(row["applicable"] for row in mock)
    if applicable:
        lines.insert(0, f"本次测评适用观测{applicable:,}项，达标{passed:,}项，达标率{passed / applicable:.2%}。")
    return [line for line in lines if line]


def _by_town(facts: Facts) -> list[str]:
    towns = [row for row in facts["towns"] if row["share"] is not None]
    best = sorted(towns, key=lambda row: (-row["share"], row["code"]))[:WORSE]
    worst = sorted((row for row in towns if row["overdue"]), key=lambda row: (-row["overdue"], row["code"]))[:WORSE]
    lines = []
    if best:
        lines.append("按期率居前的是" + "、".join(f"{row['name']}（{row['on_time_rate']}）" for row in best) + "。")
    if worst:
        lines.append("逾期较多的是" + "、".join(f"{row['name']}（{row['overdue']}件）" for row in worst) + "。")
    for better, word in ((False, "转差"), (True, "好转")):
        turned = [change for change in facts["changes"] if change["better"] == better]
        if turned:
            told = "、".join(f"{change['name']}（{change['before']}转{change['after']}）" for change in turned)
            lines.append(f"与区间初相比，天气{word}的有{told}。")
    return lines


def _asks(facts: Facts) -> list[str]:
    late = [row for row in facts["units"] if row["overdue"]]
    lines = []
    if late:
        named = "、".join(
            f"{row['name']}（{row['overdue']}件）" for row in sorted(late, key=lambda r: -r["overdue"])[:8]
        )
        lines.append(f"{named}等{len(late)}个单位尚有逾期问题，请抓紧整改并反馈。")
    if facts["worst"]:
        first = facts["worst"][0]
        lines.append(
            f"逾期最久的是{first['area']}“{first['category']}”（{first['number']}，{first['unit']}，时限{first['deadline']}）。"
        )
    lines.append("请各责任单位举一反三，落实长效管理，防止问题反弹。")
    return lines


def chat_text(data: Facts) -> str:
    """The bulletin as a text for a chat."""
    lines = [f"【{data['title']}】", f"数据时刻：{data['at']}", *data["overall"], *data["by_town"]]
    if "lists" in data["annexes"]:
        for group in data["lists"]:
            red = "、".join(f"{row['name']} {row['rate']}" for row in group["red"])
            black = "、".join(f"{row['name']} {row['rate']}" for row in group["black"])
            lines += [f"{group['kind']}红榜：{red}"] if red else []
            lines += [f"{group['kind']}黑榜：{black}"] if black else []
    lines += [*data["asks"], f"{data['signer']}　{data['signed_on']}"]
    return "\n".join(lines + ([f"（{data['demo']}）"] if data["demo"] else []))
