"""Errors have names: what went wrong, where, and how to mend it. One table in web/errors.py maps them to HTTP."""

from __future__ import annotations


class WeathermapError(Exception):
    """Base of every error that is shown to a person: `what` happened, and the `remedy`; `zh`: both in Chinese, ''
    where no Chinese page shows it."""

    def __init__(self, what: str, remedy: str = "", zh: str = "") -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what = what
        self.remedy = remedy
        self.zh = zh

    def said(self, lang: str) -> str:
        """What is shown in a language: zh or en."""
        return self.zh if lang == "zh" and self.zh else str(self)


class SettingError(WeathermapError):
    """A setting has a value that cannot be used."""


class PackError(WeathermapError):
    """A city pack cannot be read or has faults (see `weathermap city check`)."""


class CrsError(PackError):
    """Coordinates are not in the coordinate system that was declared."""


class LedgerError(WeathermapError):
    """A ledger file cannot be read: missing column, unknown encoding, not a table."""


class OutputError(WeathermapError):
    """A file that was asked for cannot be written."""


class UnknownName(WeathermapError):
    """A city, level, area, unit, date or other name in a request does not exist."""


class NotPublished(WeathermapError):
    """A city's map has no review number (审图号), so nothing of it is shown to the public."""


class TooMuch(WeathermapError):
    """A request asks for more than is answered at once."""


class IllegalMove(WeathermapError):
    """The workflow does not allow this move from the issue's present state."""


class Refused(WeathermapError):
    """Whoever asks may not, or what was given does not do: a wrong password, a role without the permission."""


class PhotoRefused(WeathermapError):
    """A file that was sent as a photo is none that can be used; `reason`: of weathermap.evidence.photos.REASONS."""

    def __init__(self, what: str, remedy: str = "", reason: str = "", zh: str = "") -> None:
        super().__init__(what, remedy, zh)
        self.reason = reason


class NotDelivered(WeathermapError):
    """A service did not take a message. `final`: it will not take it later either; `after_s`: not before so long."""

    def __init__(self, what: str, remedy: str = "", final: bool = False, after_s: float = 0.0) -> None:
        super().__init__(what, remedy)
        self.final = final
        self.after_s = after_s


class SignInNeeded(WeathermapError):
    """Nobody is signed in, or the session has ended."""


class Stale(WeathermapError):
    """Made on an older state of an issue than the present one: someone else was there meanwhile."""


class TooOften(WeathermapError):
    """Somebody tries more often than is answered."""


class TaskOver(WeathermapError):
    """A task that was passed on takes no answer any more: answered, expired, taken back, or settled by its unit."""


class StoreError(WeathermapError):
    """The store cannot be used: unreachable, full, or locked."""


class SchemaTooNew(StoreError):
    """The store was migrated by a newer program than this one."""


class KeyTrouble(StoreError):
    """The key file of reporters' identity is missing, unreadable, or another store's."""


class ClusterError(WeathermapError):
    """The Dask cluster that was asked for cannot be used: not installed, no answer, no workers, another program."""


class PortTaken(WeathermapError):
    """Another program listens on the wanted port."""


class TemplateBroken(WeathermapError):
    """A template of a bulletin or report cannot be filled."""
