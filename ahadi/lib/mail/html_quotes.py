"""What the sender of an HTML mail wrote, without the history that mail programs put below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ahadi.lib.html import MAX_HTML, bounded
from ahadi.lib.mail.blocks import attribution, header_block, is_separator, lines_of

# The element is the quotation.
_QUOTES = (
    "div.gmail_quote, div.gmail_quote_container, blockquote.gmail_quote, blockquote[type=cite], "
    "div.protonmail_quote, div.moz-cite-prefix, "
    "div[id*=yahoo_quoted], div[class*=yahoo_quoted], div.moz-forward-container, "
    "div.zmail_extra, div.tutanota_quote, blockquote.protonmail_quote"
)
# The element opens the quotation: it and everything behind it.
_OPENERS = (
    ".OutlookMessageHeader, #divRplyFwdMsg, #appendonsend, #OLK_SRC_BODY_SECTION, "
    "#mail-editor-reference-message-container, #stopSpelling, "
    "#zwchr, #reply-intro, [data-marker=__DIVIDER__], #ms-outlook-mobile-body-separator-line"
)
_BORDER_TOP = re.compile(r"border-top:\s*solid\s+#[0-9a-f]{3,6}\s+1\.0pt")
_VISIBLE = re.compile(r"[^\s\u00a0\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_INLINE = {"-text", "a", "b", "strong", "i", "em", "span", "font", "u", "br", "bdo", "bdi", "small"}
MAX_NODES = 5_000
MAX_OPENERS = 5


def new_html(html: str) -> str:
    """The HTML without quoted mail, not yet cleaned; everything when nothing visible would be left."""
    if len(html) > MAX_HTML:
        return html
    page = LexborHTMLParser(bounded(html))
    if page.body is None:
        return html
    for _ in range(MAX_OPENERS):
        opener = _opener(page)
        if opener is None:
            break
        _cut_from(opener)
    for node in page.css(_QUOTES):
        if _holds_everything(node, page):
            continue
        _drop_attribution(node)
        node.decompose()
    _cut_at_words(page)
    _drop_last_blockquote(page)
    _drop_last_ruler(page)
    if page.body is None or not _is_visible(page.body):
        return html
    return page.html or html


def _opener(page: LexborHTMLParser) -> LexborNode | None:
    found = page.css_first(_OPENERS)
    if found is not None:
        return found
    for node in page.css("div[style*=border-top]"):
        style = (node.attributes.get("style") or "").lower()
        if _BORDER_TOP.search(style) and node.css_first("p.MsoNormal, b, p") is not None:
            parent = node.parent
            # Outlook wraps the line in one more element that holds nothing else.
            alone = parent is not None and parent.tag == "div" and _words(parent) == _words(node)
            return parent if alone else node
    return None


def _words(node: LexborNode) -> str:
    return (node.text() or "").strip()


def _holds_everything(node: LexborNode, page: LexborHTMLParser) -> bool:
    return page.body is not None and _words(node) == _words(page.body)


def _is_visible(node: LexborNode) -> bool:
    for skipped in node.css("style, script, title"):
        skipped.decompose()
    return bool(_VISIBLE.search(node.text() or "")) or node.css_first("img") is not None


def _cut_from(node: LexborNode) -> None:
    """Remove the node and everything that comes after it in the document."""
    current: LexborNode | None = node
    first = True
    while current is not None and current.tag not in ("body", "html"):
        parent, following = current.parent, current.next
        while following is not None:
            behind = following.next
            following.decompose()
            following = behind
        if first:
            current.decompose()
            first = False
        current = parent


def _words_before(node: LexborNode) -> tuple[str, list[LexborNode]]:
    """The last line before a node, with the nodes that make it."""
    nodes: list[LexborNode] = []
    words = ""
    current = node.prev
    while current is not None and len(words) < 400:
        text = (current.text() if current.tag != "-text" else current.text_content) or ""
        if current.tag == "br" and words.strip():
            break
        if current.tag not in _INLINE:
            if not words.strip() and len(text) < 400:
                nodes.append(current)
                words = text
            break
        nodes.append(current)
        words = text + words
        current = current.prev
    return re.sub(r"\s+", " ", words).strip(), nodes


def _drop_attribution(node: LexborNode) -> None:
    words, nodes = _words_before(node)
    if words and attribution(lines_of(f"{words}\n> quoted"), 0, before_quote=True):
        for part in nodes:
            part.decompose()


def _drop_last_blockquote(page: LexborHTMLParser) -> None:
    """A quotation without a mark of its own: the last thing in the mail, below who wrote it."""
    for node in reversed(page.css("body blockquote")):
        words, nodes = _words_before(node)
        parent = node.parent
        if not words and parent is not None and parent.tag != "body":
            words, nodes = _words_before(parent)
        lines = lines_of(f"{words}\n> quoted")
        if words and attribution(lines, 0, before_quote=True) and not _speaks_behind(node):
            tail = _last_line(words, nodes)
            for part in tail:
                part.decompose()
            node.decompose()
            return
        if _begins_with_attribution(node) and not _speaks_behind(node):
            node.decompose()
            return


def _begins_with_attribution(node: LexborNode) -> bool:
    """Some programs put who wrote inside the quotation, as its first line."""
    first = next((words for _, words in islice(_rows(node), 20) if words), "")
    return bool(first) and bool(attribution(lines_of(f"{first}\n> quoted"), 0, before_quote=True))


def _drop_last_ruler(page: LexborHTMLParser) -> None:
    for node in reversed(page.css("body hr")):
        if _speaks_behind(node):
            return
        node.decompose()


def _last_line(words: str, nodes: list[LexborNode]) -> list[LexborNode]:
    """Where the attribution is the last line of a longer paragraph, only that line goes."""
    if len(nodes) != 1 or nodes[0].tag in _INLINE:
        return nodes
    tail: list[LexborNode] = []
    current = nodes[0].last_child
    while current is not None and current.tag != "br":
        tail.append(current)
        current = current.prev
    return tail if current is not None else nodes


def _speaks_behind(node: LexborNode) -> bool:
    current: LexborNode | None = node
    while current is not None and current.tag not in ("body", "html"):
        following = current.next
        while following is not None:
            text = (following.text() if following.tag != "-text" else following.text_content) or ""
            if _VISIBLE.search(text):
                return True
            following = following.next
        current = current.parent
    return False


def _cut_at_words(page: LexborHTMLParser) -> None:
    """Separators and header blocks that are only words, as some programs print them."""
    if page.body is None:
        return
    rows = list(_rows(page.body))
    lines = lines_of("\n".join(words for _, words in rows))
    for at, (node, _) in enumerate(rows[: len(lines)]):
        if lines[at].is_blank or node is None:
            continue
        quoted = lines[at].is_quoted and all(line.is_quoted or line.is_blank for line in lines[at:])
        if is_separator(lines, at) or quoted or header_block(lines, at):
            if any(_VISIBLE.search(line.plain) for line in lines[:at]):
                _cut_from(node)
            return


def _rows(body: LexborNode) -> Iterator[tuple[LexborNode | None, str]]:
    """The visible lines of a page, each with the node it starts in."""
    first: LexborNode | None = None
    words = ""
    for number, node in enumerate(body.traverse(include_text=True)):
        if number > MAX_NODES:
            break
        if node.tag == "-text":
            parent = node.parent
            if parent is not None and parent.tag in ("style", "script", "title"):
                continue
            text = re.sub(r"\s+", " ", node.text_content or "")
            first = first if words.strip() else node
            words += text
        elif node.tag not in _INLINE or node.tag == "br":
            yield first, words.strip()
            first, words = None, ""
    yield first, words.strip()
