"""HTML from strangers: what may be shown of it, its text, and text as HTML."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_HTML = 1_000_000
# Parsing takes the square of the depth; what nests deeper was not written by people.
MAX_DEPTH = 3_000
MAX_PASSES = 4

_INLINE = (
    "a abbr b bdi bdo big br cite code del dfn em font i img ins kbd mark q s samp small span strike strong "
    "sub sup tt u var wbr"
)
_BLOCKS = "address blockquote center dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre ul"
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
TAGS = set(f"{_INLINE} {_BLOCKS} {_TABLES}".split())
ATTRIBUTES = {
    "*": {"dir", "lang", "title", "align", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "data-remote-src", "data-missing-cid"},
    "font": {"color", "size"},
    "ol": {"start", "type"},
    "td": {"colspan", "rowspan", "width"},
    "th": {"colspan", "rowspan", "width"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
}
# Their text is not text: it goes with the element.
WITHOUT_CONTENT = {
    "script",
    "style",
    "title",
    "noscript",
    "iframe",
    "object",
    "template",
    "svg",
    "math",
    "xmp",
    "head",
}

# Elements that close themselves do not count.
_TAG = re.compile(
    r"<(/)?(?!(?:br|img|hr|meta|link|input|col|wbr|p|li|td|th|tr|dt|dd|option|base|area)\b)[a-z]",
    re.IGNORECASE,
)
_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x1f]", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//[^\s\x00-\x1f]+", re.IGNORECASE)
_MAY_BE_REMOTE = re.compile(r"\ssrc\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:https?:)?//", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_SIZE = re.compile(r"(?:^|[;\s])(width|height)\s*:\s*([\d.]{1,9}(?:px)?)(?=\s*(?:!|;|$))", re.IGNORECASE)
_UNSEEN = re.compile(r"visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?\s*(?:;|!|$)", re.IGNORECASE)
_RIGHT_TO_LEFT = re.compile(r"direction\s*:\s*(rtl|ltr)", re.IGNORECASE)
_OWN_DIRECTION = "p, div, li, td, th, h1, h2, h3, h4, h5, h6, blockquote, pre, dd, dt"


def clean(
    html: str, images: Mapping[str, str] | None = None, elsewhere: Mapping[str, str] | None = None
) -> str:
    """What may be shown: no script, form, style, remote image.

    `images` maps content ids to own addresses, `elsewhere` addresses of remote pictures to fetched ones.
    """
    known = {cid.strip("<> ").lower(): address for cid, address in (images or {}).items()}
    # Content ids have no slash in front and no scheme, so both fit into one table.
    known |= elsewhere or {}
    own = set(known.values())

    def keep(tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return value if _LINK.match(value.strip()) else None
        if name == "src":
            return value if value in own or _PICTURE.fullmatch(value) else None
        if name == "data-remote-src":
            return value if _REMOTE.fullmatch(value) else None
        return value

    # Two parsers read broken markup in two ways; what stays the same when read again is read alike by all.
    once, cleaned = "", bounded(html)
    for _ in range(MAX_PASSES):
        once, cleaned = cleaned, _pass(cleaned, known, keep)
        if cleaned == once:
            break
    return cleaned


def _pass(html: str, images: Mapping[str, str], keep: Callable[[str, str, str], str | None]) -> str:
    cleaned = nh3.clean(
        _prepare(html, images),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=keep,
        clean_content_tags=WITHOUT_CONTENT,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return cleaned.strip(" \t\r\n\f")


def bounded(html: str) -> str:
    """HTML that is parsed in little time: cut at a size, and without tags when they nest beyond reason."""
    html = html[:MAX_HTML].replace("\x00", "")
    depth = 0
    for tag in _TAG.finditer(html):
        depth = max(0, depth + (-1 if tag[1] else 1))
        if depth > MAX_DEPTH:
            return re.sub(r"<[^<>]*>?", " ", html)
    return html


def remote_pictures(html: str) -> list[str]:
    """The addresses of pictures that lie elsewhere and wait to be asked for, each once, in order."""
    if not _MAY_BE_REMOTE.search(html):
        return []
    page = LexborHTMLParser(clean(html))
    held = [node.attributes.get("data-remote-src") or "" for node in page.css("img[data-remote-src]")]
    return list(dict.fromkeys(address for address in held if address))


def has_remote_pictures(html: str) -> bool:
    """Whether a page may show pictures that lie elsewhere; a glance, without parsing."""
    return bool(_MAY_BE_REMOTE.search(html))


def _prepare(html: str, images: Mapping[str, str]) -> str:
    """Rewrite what the sanitiser can only keep or drop; its output is sanitised again in any case."""
    # The sanitiser reads by the standard, so this has to be read by the standard too.
    page = LexborHTMLParser(f"<!doctype html>{html}")
    if page.body is None:
        return ""
    for node in page.css("[style]"):
        style = node.attributes.get("style") or ""
        if _HIDDEN.search(style) and node.tag not in ("body", "html"):
            node.decompose()
        elif (found := _RIGHT_TO_LEFT.search(style)) and "dir" not in node.attributes:
            _set(node, "dir", found[1].lower())
    for node in page.css("a[href]"):
        # What the sanitiser would take out itself would change the order of the others.
        if not _LINK.match((node.attributes.get("href") or "").strip()):
            del node.attrs["href"]
    for node in page.css("img"):
        _hold_image(node, images)
    for node in page.css(_OWN_DIRECTION):
        if "dir" not in node.attributes:
            _set(node, "dir", _direction(node))
    direction = (page.body.attributes.get("dir") or "").lower()
    inner = page.body.inner_html or ""
    return f'<div dir="{direction}">{inner}</div>' if direction in ("rtl", "ltr") else inner


def _set(node: LexborNode, name: str, value: str) -> None:
    node.attrs[name] = value


def _direction(node: LexborNode) -> str:
    """A block follows its nearest declared ancestor, else its own first letter."""
    parent = node.parent
    while parent is not None and parent.tag not in ("html", "-undef"):
        declared = (parent.attributes.get("dir") or "").lower()
        if declared:
            return declared if declared in ("rtl", "ltr") else "auto"
        parent = parent.parent
    return "auto"


def _hold_image(node: LexborNode, images: Mapping[str, str]) -> None:
    source = (node.attributes.get("src") or "").strip()
    # What was held before is held again: cleaning twice is cleaning once.
    source = source or (node.attributes.get("data-remote-src") or "").strip()
    missing = (node.attributes.get("data-missing-cid") or "").strip()
    source = source or (f"cid:{missing}" if missing else "")
    for name in ("src", "data-remote-src", "data-missing-cid"):
        if name in node.attributes:
            del node.attrs[name]
    if source.lower().startswith("cid:"):
        cid = unquote(source[4:]).strip("<> ").lower()
        _set(node, "src" if cid in images else "data-missing-cid", images.get(cid, cid))
    elif _is_pixel(node) and not source.lower().startswith("data:"):
        node.decompose()
    elif _REMOTE.fullmatch(source):
        _set(node, "src" if source in images else "data-remote-src", images.get(source, source))
    elif source in images.values() or _PICTURE.fullmatch(source):
        _set(node, "src", source)


def _is_pixel(node: LexborNode) -> bool:
    """A picture of one point has no other use than to tell that the mail was opened."""
    sizes = {name: (node.attributes.get(name) or "").strip().lower() for name in ("width", "height")}
    style = node.attributes.get("style") or ""
    sizes.update({name.lower(): size.lower() for name, size in _SIZE.findall(style)})
    is_point = all(size.removesuffix("px") in ("0", "1") for size in sizes.values())
    return is_point or bool(_UNSEEN.search(style))


# ── HTML as text ─────────────────────────────────────────────────────────────

_SKIPPED = {
    "script",
    "style",
    "head",
    "title",
    "template",
    "noscript",
    "svg",
    "math",
    "object",
    "iframe",
    "select",
}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr"}
_LINES = {
    "div",
    "li",
    "tr",
    "dt",
    "dd",
    "address",
    "figure",
    "figcaption",
    "center",
    "caption",
    "body",
} | _PARAGRAPHS
_SPACES = re.compile("[ \t\r\n\f]+")


def to_text(html: str) -> str:
    """Readable plain text: lines and paragraphs kept, links written out, quoted parts behind `> `."""
    body = LexborHTMLParser(bounded(html)).body
    if body is None:
        return ""
    written = _Text()
    for node, entering in _walk(body):
        if entering:
            written.enter(node)
        else:
            written.leave(node)
    return written.finish()


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Each node when its door opens and when it closes, without recursion: mail nests very deep."""
    waiting = [(root, True)]
    while waiting:
        node, entering = waiting.pop()
        yield node, entering
        if entering and node.tag not in _SKIPPED:
            waiting.append((node, False))
            children = list(node.iter(include_text=True))
            waiting += [(child, True) for child in reversed(children)]


class _Text:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line = ""
        self.quoted = 0
        self.preformatted = 0

    def enter(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._say(node.text_content or "")
        elif tag == "br":
            self._break(always=True)
        elif tag in _LINES:
            self._break(paragraph=tag in _PARAGRAPHS)
            self.quoted += tag == "blockquote"
            self.preformatted += tag == "pre"
            self.line += "- " if tag == "li" else ""
            self.line += "---" if tag == "hr" else ""
        elif tag in ("td", "th") and self.line and not self.line.endswith(" "):
            self.line += " "

    def leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in _LINES:
            self._break(paragraph=tag in _PARAGRAPHS)
            self.quoted -= tag == "blockquote"
            self.preformatted -= tag == "pre"
        elif tag == "a":
            target = (node.attributes.get("href") or "").strip()
            shown = (node.text() or "").strip()
            if (
                target.lower().startswith(("http://", "https://"))
                and shown
                and shown.rstrip("/") not in target
            ):
                self.line += f" <{target[:500]}>"

    def finish(self) -> str:
        self._break()
        while self.lines and not self.lines[-1].strip("> "):
            self.lines.pop()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")

    def _say(self, words: str) -> None:
        if self.preformatted:
            first, *rest = words.replace("\r\n", "\n").split("\n")
            self.line += first
            for line in rest:
                self._break(always=True)
                self.line = line
            return
        words = _SPACES.sub(" ", words).replace("\u00a0", " ")
        self.line += words.lstrip(" ") if not self.line or self.line.endswith(" ") else words

    def _break(self, paragraph: bool = False, always: bool = False) -> None:
        prefix = "> " * min(self.quoted, 9)
        if self.line.strip() or always:
            self.lines.append((prefix + self.line.rstrip()).rstrip())
        if paragraph and self.lines and self.lines[-1].strip("> "):
            self.lines.append(prefix.rstrip())
        self.line = ""


# ── text as HTML ─────────────────────────────────────────────────────────────

_ADDRESS_IN_TEXT = re.compile(r"\bhttps?://[^\s<>\"'\u2066-\u2069]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}»”’،؛؟"


def text_to_html(text: str) -> str:
    """Plain text as paragraphs that each find their own direction, with links that can be followed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    paragraphs = [paragraph.strip("\n") for paragraph in re.split(r"\n[ \t]*\n", text)]
    return "\n".join(f'<p dir="auto">{_linked(words)}</p>' for words in paragraphs if words.strip())


def _linked(text: str) -> str:
    pieces, done = [], 0
    for found in _ADDRESS_IN_TEXT.finditer(text):
        address = found.group().rstrip(_TRAILING)
        if "(" in address and found.group()[len(address) :].startswith(")"):
            address += ")"
        pieces.append(entities.escape(text[done : found.start()]))
        shown = entities.escape(address)
        pieces.append(
            f'<a href="{shown}" rel="noopener noreferrer nofollow" target="_blank" dir="ltr">{shown}</a>'
        )
        done = found.start() + len(address)
    pieces.append(entities.escape(text[done:]))
    return "".join(pieces).replace("\n", "<br>\n")
