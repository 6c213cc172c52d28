"""What is said of photos to who checks, in words: a hint each, Chinese first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from weathermap.evidence.advice import Doubt
from weathermap.evidence.pairs import Likeness, likeness_of
from weathermap.store.sql import query

DOUBTS = {
    "far": ("拍摄地点离问题 {m} 米", "Taken {m} m from the issue"),
    "old": ("拍于 {at}，早于上报 30 天以上", "Taken {at}, more than 30 days before the report"),
    "early": ("拍于 {at}，早于上报", "Taken {at}, before the report"),
    "same": ("与整改前的照片是同一张", "The same picture as before the work"),
    "used": ("与 {n} 的照片是同一张", "The same picture as on {n}"),
}
SCENES = {
    "same": ("前后是同一场景：{m} 处吻合", "The same scene before and after: {m} places agree"),
    "none": ("看不出前后是同一场景，请细看", "No sign of the same scene before and after: look closely"),
    "unclear": (
        "看不出前后是否同一场景：太暗、模糊、特征太少，或角度相差太大",
        "Cannot tell whether it is the same scene: dark, blurred, plain, or seen from too far aside",
    ),
    "copy": ("整改前后用的是同一张照片", "One photo stands for both before and after"),
    "failed": ("前后照片未能比对", "The photos before and after could not be compared"),
    "waiting": ("前后照片正在比对，稍后刷新可见", "Before and after are being compared: reload in a moment"),
}
WHICH = ("（前 {b} · 后 {a}）", " (before {b}, after {a})")
TONES = {"same": "good", "none": "look", "copy": "look"}  # of scenes; the others are quiet


@dataclass(frozen=True)
class Mark:
    """A hint: its `tone` (good, look, quiet), the photo that it is about and the issue that it names, '' where none."""

    words: str
    tone: str
    digest: str = ""
    number: str = ""


def doubt_mark(one: Doubt, lang: str) -> Mark:
    when = f"{one.when:%Y-%m-%d %H:%M}" if one.when else ""
    words = DOUBTS[one.what][lang == "en"].format(m=f"{one.metres:,.0f}", at=when, n=one.number)
    return Mark(words, "look", one.digest, one.number)


def scene_marks(connection: Connection, issue_id: int, lang: str) -> list[Mark]:
    """One, or none where there are no photos of both sides."""
    rows = connection.execute(query("photos_compared"), {"ids": [issue_id]}).all()
    before, after = ([row.digest for row in rows if row.after is side] for side in (False, True))
    return [scene_mark(one, before, after, lang) for one in likeness_of(connection, [issue_id]).values()]


def scene_mark(one: Likeness, before: Sequence[str], after: Sequence[str], lang: str) -> Mark:
    """`before`, `after`: the digests of the issue's photos in their order, of which the best pair is named."""
    words = SCENES[one.said][lang == "en"].format(m=one.places)
    if one.said == "same" and len(before) * len(after) > 1:
        words += WHICH[lang == "en"].format(b=before.index(one.before) + 1, a=after.index(one.after) + 1)
    return Mark(words, TONES.get(one.said, "quiet"))
