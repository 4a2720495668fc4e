"""Bytes to text when the declared character set is wrong, unknown or missing."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

# A label means the larger set that mail programs really send under it (WHATWG Encoding, section 4.2).
SUPERSETS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "cp50220": "iso2022_jp_ext",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-6": "cp1256",
    "iso-8859-6-i": "cp1256",
    "iso-8859-6-e": "cp1256",
    "iso-8859-8": "cp1255",
    "iso-8859-8-i": "cp1255",
    "iso-8859-8-e": "cp1255",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
}
# Codecs that are not character sets, or that cost more than linear time.
REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
GUESSED_BYTES = 65_536

_C1 = re.compile("[\x80-\x84\x86-\x9f]")
_HEBREW_WORD = re.compile("[\u05d0-\u05ea]{2,}")
_LEFT_TO_RIGHT_RUN = re.compile("[^\\s\u0590-\u05ff]*[0-9A-Za-z][^\\s\u0590-\u05ff]*")
_FINALS = "ךםןףץ"
_MIRRORED = str.maketrans("()[]{}<>", ")(][}{><")


def decode(content: bytes, charset: str = "") -> tuple[str, bool]:
    """The text of bytes and whether the declared character set was good; never raises."""
    label = charset.strip().strip("\"'").lower()
    superset = _codec(SUPERSETS.get(label, ""))
    for candidate, trusted in _candidates(label, superset, content):
        try:
            text = content.decode(candidate)
        except (UnicodeError, LookupError, ValueError):
            continue
        if _C1.search(text) and candidate != superset and superset:
            # No mail holds these control characters: the bytes are meant in the larger set.
            continue
        return _logical(text, label), trusted
    return _guess(content), False


def _candidates(label: str, superset: str, content: bytes) -> list[tuple[str, bool]]:
    if content.isascii() and not any(sign in content for sign in (b"\x1b", b"+", b"~{", b"\x00")):
        return [("ascii", True)]
    choices = [(_codec(label), True), ("utf-8", not label), (superset, True)]
    return [(name, trusted) for name, trusted in choices if name]


def _codec(label: str) -> str:
    if not label or len(label) > 40:
        return ""
    try:
        found = codecs.lookup(label)
    except (LookupError, ValueError, UnicodeError):
        return ""
    if found.name.replace("-", "_") in REFUSED or not getattr(found, "_is_text_encoding", True):
        return ""
    return found.name


def _guess(content: bytes) -> str:
    best = charset_normalizer.from_bytes(content[:GUESSED_BYTES]).best()
    if best is not None and best.encoding:
        text = content.decode(best.encoding, "replace")
        if text.count("\ufffd") * 20 <= len(text):
            return text
    return content.decode("cp1252", "replace")


def _logical(text: str, label: str) -> str:
    """Turn Hebrew that was sent in visual order (RFC 1556) the right way round."""
    if label not in ("iso-8859-8", "iso-8859-8-e"):
        return text
    words = _HEBREW_WORD.findall(text)
    at_start = sum(word[0] in _FINALS for word in words)
    at_end = sum(word[-1] in _FINALS for word in words)
    # Final letters stand at the end of a word, so a text full of them at the start is written backwards.
    if at_start <= at_end:
        return text
    return "\n".join(_reverse(line) for line in text.split("\n"))


def _reverse(line: str) -> str:
    turned = line.rstrip("\r")[::-1].translate(_MIRRORED)
    return _LEFT_TO_RIGHT_RUN.sub(lambda run: run.group()[::-1].translate(_MIRRORED), turned)
