"""What reading and checking a pack find: faults, which must be mended, and warnings, which may stand."""

from __future__ import annotations

from dataclasses import dataclass, field

from weathermap.errors import PackError


@dataclass(frozen=True)
class Fault:
    """One fault: the file (its name in the pack, or the path given for it), the line from 1 (0: no one line).

    `zh`: what and remedy in Chinese, columns in 「」; '' where no Chinese page shows it.
    """

    file: str
    line: int
    what: str
    remedy: str
    zh: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass
class Findings:
    """Collects faults and warnings. A strict one raises at the first fault: reading cannot go on."""

    strict: bool = False
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def fault(
        self, file: str, line: int, what: str, remedy: str, error: type[PackError] = PackError, zh: str = ""
    ) -> None:
        """Note a fault; raises it as `error` if strict."""
        found = Fault(file, line, what, remedy, zh)
        if self.strict:
            raise error(str(found), remedy)
        self.faults.append(found)

    def warn(self, file: str, line: int, what: str, remedy: str) -> None:
        """Note something that is worth a look but does not stop the pack from being used."""
        self.warnings.append(Fault(file, line, what, remedy))
