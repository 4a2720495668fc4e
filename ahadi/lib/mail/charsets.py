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
# Switched by escape sequences; read here, because no codec knows the signs that Windows adds.
JAPANESE = {"iso-2022-jp", "iso-2022-jp-ms", "iso-2022-jp-1", "cp50220", "cp50221", "csiso2022jp"}
# Codecs that are not character sets, or that cost more than linear time.
REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
GUESSED_BYTES = 65_536

_PAGE = re.compile(r"^(?:cp|win|windows|ibm)[-_ ]?(\d{3,4})$")
_FOREIGN = re.compile("[^\x00-\x7f]")
_OTHER_WRITING = re.compile("[^\x00-\u024f\u1e00-\u1eff\u2000-\u2bff]")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
_ESCAPE = re.compile(rb"(\x1b\$\([A-Z]|\x1b\$[@-C]|\x1b\([A-J])")
_HEBREW_WORD = re.compile("[\u05d0-\u05ea]{2,}")
_LEFT_TO_RIGHT_RUN = re.compile("[^\\s\u0590-\u05ff]*[0-9A-Za-z][^\\s\u0590-\u05ff]*")
_FINALS = "ךםןףץ"
_MIRRORED = str.maketrans("()[]{}<>", ")(][}{><")


def decode(content: bytes, charset: str = "") -> tuple[str, bool]:
    """The text of bytes and whether the declared character set was good; never raises."""
    label = charset.strip().strip("\"'").lower()
    superset = _codec(SUPERSETS.get(label, ""))
    if label in JAPANESE and b"\x1b" in content:
        return _japanese(content), True
    if "cp1252" in (superset, _codec(label)) and (text := _mislabelled(content)):
        return text, False
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


def _mislabelled(content: bytes) -> str:
    """UTF-8 under a Western label: other texts hardly ever follow its rules by chance."""
    if content.isascii():
        return ""
    try:
        return content.decode("utf-8")
    except UnicodeError:
        return ""


def _codec(label: str) -> str:
    if not label or len(label) > 40:
        return ""
    try:
        found = codecs.lookup(_PAGE.sub(r"cp\1", label))
    except (LookupError, ValueError, UnicodeError):
        return ""
    if found.name.replace("-", "_") in REFUSED or not getattr(found, "_is_text_encoding", True):
        return ""
    return found.name


def _guess(content: bytes) -> str:
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    foreign = len(_FOREIGN.findall(text))
    if foreign > broken and foreign >= 2 * broken:
        # Cut or damaged at some places, which must not make another writing of the rest.
        return text
    best = charset_normalizer.from_bytes(content[:GUESSED_BYTES]).best()
    if best is not None and best.encoding:
        text = content.decode(best.encoding, "replace")
        if text.count("\ufffd") * 20 <= len(text) and not _is_mixed(text):
            return text
    return content.decode("cp1252", "replace")


def _is_mixed(text: str) -> bool:
    """Some signs of another writing among Latin letters: a guess that nobody would write."""
    others = len(_OTHER_WRITING.findall(text))
    return 0 < others * 2 < sum(sign.isascii() and sign.isalpha() for sign in text)


def _japanese(content: bytes) -> str:
    """ISO-2022-JP with the rows of NEC and IBM: two bytes become the same two in the code of Windows."""
    pieces, mode = [], b""
    for piece in _ESCAPE.split(content):
        if _ESCAPE.fullmatch(piece):
            mode = piece
        elif mode[1:2] == b"$" and mode != b"\x1b$(D":
            pieces.append(_of_windows(piece))
        elif mode == b"\x1b$(D":
            pieces.append((b"\x1b$(D" + piece).decode("iso2022_jp_1", "replace"))
        elif mode == b"\x1b(I":
            pieces.append(
                bytes(sign | 0x80 if sign > 0x20 else sign for sign in piece).decode("cp932", "replace")
            )
        else:
            pieces.append(piece.decode("cp932", "replace"))
    return "".join(pieces)


def _of_windows(piece: bytes) -> str:
    """Pairs from 0x21 to 0x7E, shifted as JIS X 0208 says; line breaks and what is no pair stay."""
    shifted = bytearray()
    at = 0
    while at < len(piece):
        high, low = piece[at], piece[at + 1] if at + 1 < len(piece) else 0
        if not (0x21 <= high <= 0x7E and 0x21 <= low <= 0x7E):
            shifted.append(high if high < 0x21 else 0x3F)
            at += 1
            continue
        shifted.append((high + 1) // 2 + (0x70 if high < 0x5F else 0xB0))
        shifted.append(low + 0x7E if high % 2 == 0 else low + (0x1F if low < 0x60 else 0x20))
        at += 2
    return shifted.decode("cp932", "replace")


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
