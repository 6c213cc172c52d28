"""The five fixes (五定): person, task, deadline, standard, responsibility, each with where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weathermap.city.pack import Category, Duty
from weathermap.issue.receipt import Receipt
from weathermap.store.registry import City
from web.desk.time import Clock
from web.desk.words import words

KINDS = {
    "clock_hours": ("紧急工作时", "clock hours"),
    "work_hours": ("工作时", "working hours"),
    "workdays": ("工作日", "workdays"),
}
Fix = tuple[str, str, str]  # word, text, where it comes from


@dataclass(frozen=True)
class Fixes:
    """An issue, its receipt and its report's event; names as the page writes them."""

    city: City
    issue: Any  # a row of `issue_rows`
    receipt: Receipt
    reported: Mapping[str, Any]
    category: Category
    point: str
    point_kind: str
    person: str
    unit: str
    clock: Clock
    lang: str

    def told(self) -> list[Fix]:
        w, zh = words(self.lang), self.lang == "zh"
        duty, why = self._duty()
        standard, clause = self._standard(duty)
        return [
            (w.person, self.person or w.none, why if self.person else ""),
            (w.task, self._task(duty), ("上报：" if zh else "Reported: ") + self.clock.at(self.issue.reported_at)),
            (w.deadline, *self._deadline(w.none)),
            (w.standard, standard or w.none, clause),
            (w.duty, self._answers(duty) or w.none, why if self.unit else ""),
        ]

    def _say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def _name(self, row: Any) -> str:
        return str(self._say(row.name, row.name_en or row.name))

    def _duty(self) -> tuple[Duty | None, str]:
        """The duty that its unit answers by today, None where a person or the source named the unit; and why."""
        moved = [each for each in self.receipt.since if each.unit]
        if moved and not moved[-1].duty:
            at = self.clock.at(moved[-1].at)
            return None, self._say(f"派遣员改派，{at}", f"Handed on by the dispatchers, {at}")
        code = moved[-1].duty if moved else self.receipt.duty_code
        if not code:
            if self.receipt.rule == "given":
                return None, self._say("来源单位指定", "Named by the source")
            return None, self._say("没有匹配的职责，由派遣员决定", "No duty matched: the dispatchers decide")
        duty = next((duty for duty in self.city.pack.duties if duty.code == code), None)
        clause = f" · {duty.clause}" if duty and duty.clause else ""
        return duty, self._say(f"职责表 {code}", f"Duty {code}") + clause

    def _task(self, duty: Duty | None) -> str:
        where = self.point or self.issue.address
        # a duty's task is written in the city's own language
        task = duty.task if duty and duty.task and self.lang == "zh" else self._name(self.category)
        return f"{task}{self._say('：', ': ') if where else ''}{where}"

    def _answers(self, duty: Duty | None) -> str:
        kind = duty.responsibility if duty and self.unit else ""
        return f"{self.unit}{self._say(f'（{kind}）', f' ({kind})') if kind else ''}"

    def _deadline(self, none: str) -> tuple[str, str]:
        at = self.issue.deadline
        if at is None:
            return none, ""
        limit = self.city.book.limits.named(self.category.code)
        if limit is None:
            given = not self.city.pack.limits
            return self.clock.at(at), self._say("来源给定", "Given by the source") if given else ""
        term = f"{limit.amount:g} {self._say(*KINDS[limit.kind])}"
        until = self._say(f"{term}，至 {self.clock.at(at)}", f"{term}, until {self.clock.at(at)}")
        row = limit.category or "*"
        return until, self._say(f"时限表 {row}；改派不重置", f"Limits {row}; handing it on never resets it")

    def _standard(self, duty: Duty | None) -> tuple[str, str]:
        """What failed on a visit; else what its duty is judged by; else when its category counts as rectified, or the
        item whose fail reports it; else the checklist of the declared point's kind. With its clause."""
        standards = {standard.code: standard for standard in self.city.pack.standards}
        failed = self.reported.get("standard")
        if failed:
            name = self._name(standards[failed]) if failed in standards else str(failed)
            return name, " ".join(part for part in (self.reported.get("clause"), self.reported.get("edition")) if part)
        judged = standards.get(duty.standard) if duty else None
        if judged:
            return self._name(judged), judged.clause
        if self.category.standard:
            row = self._say(f"类别表 {self.category.code}", f"Categories {self.category.code}")
            return self._say(self.category.standard, self.category.standard_en or self.category.standard), row
        named = [one for one in self.city.pack.standards if one.category == self.category.code]
        named.sort(key=lambda one: one.point_kind != self.point_kind)
        return (self._name(named[0]), named[0].clause) if named else self._checklist()

    def _checklist(self) -> tuple[str, str]:
        rows = [s for s in self.city.pack.standards if self.point_kind and s.point_kind == self.point_kind]
        kind = next((k for k in self.city.pack.point_kinds if k.code == self.point_kind), None)
        if not rows or kind is None:
            return "", ""
        name, first, last = self._name(kind), rows[0].clause, rows[-1].clause
        text = self._say(f"{name}标准，{len(rows)} 条", f"{name}: {len(rows)} standards")
        return text, first if first == last else f"{first} – {last[len(_common(first, last)) :]}"


def _common(first: str, last: str) -> str:
    """What two clauses begin with alike, up to the last full stop or bracket."""
    at = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return first[: max(first.rfind(mark, 0, at) + 1 for mark in "》 ")]
