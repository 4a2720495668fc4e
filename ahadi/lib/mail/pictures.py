"""Pictures inside the HTML of a mail: those written into it become files, and files it shows are known."""

from __future__ import annotations

import binascii
import re
from dataclasses import replace
from hashlib import sha256
from urllib.parse import unquote

from ahadi.lib.mail.message import Attachment

MAX_WRITTEN = 50
_WRITTEN_IN = re.compile(
    r"(\ssrc\s{0,9}=\s{0,9})(?:(?P<mark>[\"'])data:image/(?P<kind>[\w.+-]{1,30})(?:;[\w=-]{1,30}){0,3};base64,"
    r"(?P<quoted>[A-Za-z0-9+/=\s%]{1,})(?P=mark)"
    r"|data:image/(?P<bare_kind>[\w.+-]{1,30});base64,(?P<bare>[A-Za-z0-9+/=%]{1,})(?=[\s>]))",
    re.IGNORECASE,
)
_CID = re.compile(r"cid:([^\"'\s>)]{1,300})", re.IGNORECASE)
_ENDINGS = {"jpeg": "jpg", "svg+xml": "svg", "x-icon": "ico", "vnd.microsoft.icon": "ico"}


def lift_out(html: str) -> tuple[str, list[Attachment]]:
    """Pictures written into the HTML become files, and the HTML names them as it names attached ones."""
    if "base64," not in html:
        return html, []
    lifted: dict[str, Attachment] = {}

    def lift(found: re.Match[str]) -> str:
        kind = (found["kind"] or found["bare_kind"]).lower()
        content = _decoded(found["quoted"] or found["bare"])
        if not content or len(lifted) >= MAX_WRITTEN:
            return found.group()
        cid = f"{sha256(content).hexdigest()[:24]}@written-in"
        name = f"picture{len(lifted) + 1}.{_ENDINGS.get(kind, kind)}"
        lifted.setdefault(cid, Attachment(name, f"image/{kind}", content, cid, True))
        return f'{found[1]}"cid:{cid}"'

    return _WRITTEN_IN.sub(lift, html), list(lifted.values())


def _decoded(written: str) -> bytes:
    try:
        return binascii.a2b_base64(re.sub(r"\s+", "", unquote(written)), strict_mode=True)
    except (ValueError, UnicodeError):
        return b""


def told_apart(attachments: list[Attachment], html: str) -> list[Attachment]:
    """A file is inside the mail only where the HTML shows it; every other one is an attachment."""
    shown = {unquote(cid).strip("<> ").lower() for cid in _CID.findall(html)}
    return [
        replace(file, inline=file.content_id.lower() in shown) if file.content_id or file.inline else file
        for file in attachments
    ]
