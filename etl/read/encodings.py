"""Which encoding do bytes beyond ASCII fit, that are no UTF-8? Told by the text that comes out, never at random."""

from __future__ import annotations

import re

FAMILIAR = 0.9  # share of the characters that must be everyday ones for an encoding to be believed
# A letter of western Europe stands beside a plain one (those of other scripts in such a word do not); signs anywhere.
WORDS = re.compile(r"(?<=[A-Za-z])[À-ÖØ-öø-ÿŒœŠšŽžŸ]|[À-ÖØ-öø-ÿŒœŠšŽžŸ](?=[A-Za-z])|[§°€£–—‘’“”…½¼²³«»·•©®™]")


def fitting(sample: bytes) -> str:
    """'gb18030' | 'big5' | 'cp1252', whichever makes everyday text of whole lines; '' when none does.

    GB18030 accepts almost any bytes, so what counts is the share of the text beyond ASCII that GB 2312 (6,763 common
    characters) or the first plane of Big5 (5,401 common ones) knows.
    """
    found = {"gb18030": _chinese(sample, "gb18030"), "big5": _chinese(sample, "big5"), "cp1252": _western(sample)}
    best = max(found, key=lambda name: found[name])
    return best if found[best] >= FAMILIAR else ""


def _chinese(sample: bytes, encoding: str) -> float:
    text = sample.decode(encoding, "replace")
    foreign = [character for character in text if character > "\x7f"]
    if not foreign:
        return 0.0
    return sum(_common(character, encoding) for character in foreign) / len(foreign)


def _common(character: str, encoding: str) -> bool:
    if encoding == "gb18030":
        return bool(character.encode("gb2312", "ignore"))
    code = character.encode("big5", "ignore")
    return len(code) == 2 and (b"\xa1\x40" <= code <= b"\xa3\xbf" or b"\xa4\x40" <= code <= b"\xc6\x7e")


def _western(sample: bytes) -> float:
    text = sample.decode("cp1252", "replace")
    foreign = sum(1 for character in text if character > "\x7f")
    return len(WORDS.findall(text)) / foreign if foreign else 0.0
