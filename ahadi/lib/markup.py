"""A handful of marks that people type anyway, as HTML: bold, italics, code, links, lists, quotes, pictures.

What is written stays readable as it is, in a mail without HTML and in a field without JavaScript.
Every character is escaped; the elements made here hold nothing but their own attributes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from html import escape

_BOLD = re.compile(r"(?<![*\w])\*\*(?=\S)([^\n]+?)(?<=\S)\*\*(?![*\w])")
_ITALIC = re.compile(r"(?<![_\w])_(?=\S)([^_\n]+?)(?<=\S)_(?![_\w])")
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,300})\]\(((?:https?://|mailto:|tel:)[^\s()<>\"']{1,1000})\)", re.IGNORECASE
)
# A picture stands where its file's name stands: `![map.png]`.
_PICTURE = re.compile(r"!\[([^\[\]\n]{1,200})\](?!\()")
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'\u2066-\u2069]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}»”’،؛؟"
_ITEM = re.compile(r"^\s{0,3}(?:([-*•])|(\d{1,3})[.)])\s+(\S.*)$")
_QUOTE = re.compile(r"^>\s?(.*)$")
_FENCE, _BREAK = "```", "<br>\n"
# Pieces that are HTML already stand outside the text while the rest is read.
_NEVER = re.compile("[\x00\ue000\ue001]")
_HOLE = re.compile("\ue000(\\d+)\ue001")


def to_html(text: str, pictures: Mapping[str, str] | None = None) -> str:
    """The text as paragraphs, lists, quotes and code, each with a direction of its own.

    `pictures` says where the pictures lie that the text names; a name it does not know stays as it is.
    """
    lines = re.sub(r"\r\n?", "\n", _NEVER.sub("", text)).split("\n")
    return "\n".join(_blocks(lines, pictures or {}))


def pictured(text: str) -> list[str]:
    """The names of the pictures that stand between the words, each once."""
    return list(dict.fromkeys(_PICTURE.findall(text))) if "![" in text else []


def without_pictures(text: str, names: Collection[str]) -> str:
    """The text where these pictures are shown beside it."""
    if not names:
        return text
    bare = _PICTURE.sub(lambda found: "" if found[1] in names else found[0], text)
    return re.sub(r"\n{3,}", "\n\n", bare).strip()


def only_link(text: str) -> tuple[str, str] | None:
    """Words and address where the text is one link and nothing else."""
    found = _LINK.fullmatch(text.strip())
    return (found[1], found[2]) if found else None


def _blocks(lines: list[str], pictures: Mapping[str, str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
        elif line.startswith(_FENCE) and _FENCE in lines[at + 1 :]:
            end = lines.index(_FENCE, at + 1)
            program = escape("\n".join(lines[at + 1 : end]))
            yield f'<pre dir="auto"><code>{program}</code></pre>'
            at = end + 1
        else:
            kind = _kind(line)
            end = at + 1
            while end < len(lines) and lines[end].strip() and _kind(lines[end]) == kind:
                end += 1
            yield _block(kind, lines[at:end], pictures)
            at = end


def _kind(line: str) -> str:
    if _QUOTE.match(line):
        return "quote"
    item = _ITEM.match(line)
    if item:
        return "ul" if item[1] else "ol"
    return "code" if line.startswith(_FENCE) else "p"


def _block(kind: str, lines: list[str], pictures: Mapping[str, str]) -> str:
    if kind == "quote":
        inner = "".join(_blocks([_match(_QUOTE, line, 1) for line in lines], pictures))
        return f'<blockquote dir="auto">{inner}</blockquote>'
    if kind in ("ul", "ol"):
        said = [_inline(_match(_ITEM, line, 3), pictures) for line in lines]
        items = "".join(f'<li dir="auto">{words}</li>' for words in said)
        first = int(_match(_ITEM, lines[0], 2) or 1) if kind == "ol" else 1
        start = f' start="{first}"' if first != 1 else ""
        return f'<{kind} dir="auto"{start}>{items}</{kind}>'
    return f'<p dir="auto">{_BREAK.join(_inline(line, pictures) for line in lines)}</p>'


def _match(pattern: re.Pattern[str], line: str, group: int) -> str:
    found = pattern.match(line)
    return (found[group] or "") if found else line


def _inline(text: str, pictures: Mapping[str, str]) -> str:
    held: list[str] = []

    def hold(html: str) -> str:
        held.append(html)
        return f"\ue000{len(held) - 1}\ue001"

    text = _CODE.sub(lambda found: hold(f"<code>{escape(found[1])}</code>"), text)
    if pictures:
        text = _PICTURE.sub(lambda found: _picture(found, pictures, hold), text)
    text = _LINK.sub(lambda found: hold(_anchor(found[2], found[1])), text)
    text = _ADDRESS.sub(lambda found: _address(found[0], hold), text)
    text = escape(text)
    text = _BOLD.sub(r"<strong>\1</strong>", text)
    text = _ITALIC.sub(r"<em>\1</em>", text)
    return _HOLE.sub(lambda found: held[int(found[1])], text)


def _picture(found: re.Match[str], pictures: Mapping[str, str], hold: Callable[[str], str]) -> str:
    address = pictures.get(found[1])
    return hold(f'<img src="{escape(address)}" alt="{escape(found[1])}">') if address else found[0]


def _address(text: str, hold: Callable[[str], str]) -> str:
    address = text.rstrip(_TRAILING)
    if "(" in address and text[len(address) :].startswith(")"):
        address += ")"
    return hold(_anchor(address, address, "ltr")) + text[len(address) :]


def _anchor(address: str, words: str, direction: str = "auto") -> str:
    return (
        f'<a href="{escape(address)}" rel="noopener noreferrer nofollow" target="_blank" dir="{direction}">'
        f"{escape(words)}</a>"
    )
