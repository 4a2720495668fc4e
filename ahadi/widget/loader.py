"""The script that pages of other sites load: its file, made small, with the words of every language."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

SOURCE = Path(__file__).parent / "static" / "widget" / "loader.js"
PLACE = "const WORDS={};"
# Lines of comment, indentation, and the blanks around signs that need none in JavaScript and in CSS.
REMARK = re.compile(r"^\s*//.*\n", re.MULTILINE)
BLANK = re.compile(r"^\s+|\s*\n(?=[)}\]])|(?<=[;{,(])\n\s*", re.MULTILINE)
LOOSE = re.compile(r" ?([{}();,:=?<>|&]) ?")


@cache
def script() -> str:
    """What is served: a few kilobytes that name no company and are the same for everybody."""
    words = {code: _words(code) for code, _name in settings.LANGUAGES}
    small = LOOSE.sub(r"\1", BLANK.sub("", REMARK.sub("", SOURCE.read_text(encoding="utf-8"))))
    return small.replace(
        PLACE, f"const WORDS={json.dumps(words, ensure_ascii=False, separators=(',', ':'))};"
    )


@cache
def etag() -> str:
    """Changes whenever the script does."""
    return f'"{hashlib.sha256(script().encode()).hexdigest()[:20]}"'


def _words(code: str) -> dict[str, str]:
    with translation.override(code):
        return {
            "open": _("Open the chat"),
            "close": _("Close the chat"),
            "title": _("Chat"),
            "unread": _("New messages: %(number)s") % {"number": "{}"},
        }
