"""The desk's words for what citizens send."""

from __future__ import annotations

from types import SimpleNamespace

WORDS: dict[str, tuple[str, str]] = {
    "snaps": ("随手拍待立案", "Citizens' reports to file"),
    "spam_list": ("已标为垃圾信息", "Marked as spam"),
    "none": ("没有待看的随手拍", "No citizen's report waits"),
    "none_text": ("新的会出现在这里，也在“待派遣”里。", "New ones come here, and into “To dispatch”."),
    "no_spam": ("没有标为垃圾信息的", "Nothing is marked as spam"),
    "spam": ("标为垃圾信息", "Mark as spam"),
    "restore": ("撤销，恢复受理", "Not spam: take it back"),
    "marked": ("已标为垃圾信息。", "Marked as spam."),
    "undo": ("撤销", "Undo"),
    "undone": ("已恢复。", "Taken back."),
    "open": ("立案、派遣", "File and dispatch"),
    "follows": ("关注已有问题", "Follows a known issue"),
    "erased": ("（已按期清除）", "(erased after its time)"),
    "no_words": ("没有写字", "No words"),
    "hidden": ("疑似滥用，照片已遮住；点开查看", "May be mischief; the photo is covered. Open to see it"),
    "trap": ("填了隐藏栏", "filled in the hidden field"),
    "haste": ("发得过快", "sent too fast"),
    "links": ("含有链接", "holds links"),
    "reachable": ("留了手机号", "left a phone number"),
    "photo": ("照片里的位置", "place from the photo"),
    "phone": ("手机定位", "place from the phone"),
    "pin": ("市民选的位置", "place chosen by the citizen"),
    "nowhere": ("没有位置", "no place"),
    "outside": ("位置不在本市", "place outside the city"),
    "citizens": ("市民", "Citizens"),
    "said": ("市民说", "A citizen says"),
    "fixed": ("真的好了", "it is fixed"),
    "not_fixed": ("没有好", "it is not"),
    "set_aside": ("垃圾信息，不显示", "spam, not shown"),
}


def snap_words(lang: str) -> SimpleNamespace:
    """All words of a language: zh or en."""
    at = 1 if lang == "en" else 0
    return SimpleNamespace(**{name: pair[at] for name, pair in WORDS.items()})
