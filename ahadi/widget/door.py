"""The door of every call of the panel: whose it is, from where it comes, how large and how often.

There is no cookie, so nobody's browser can be made to call in their name: the token stands in a header that
only the panel sets. What comes from a page of another origin is refused all the same.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from ahadi.channels.chat import talks
from ahadi.channels.models import Visitor
from ahadi.lib import piece
from ahadi.people.models import Company
from ahadi.widget import quota
from ahadi.widget.problems import Problem

log = logging.getLogger("ahadi.widget")

View = Callable[..., HttpResponseBase]
LARGEST_BODY = 64 * 1024
_ZONE = re.compile(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+){0,4}")


class Call(HttpRequest):
    """A call that passed the door."""

    visitor: Visitor
    given: dict[str, Any]


def guard(*methods: str, is_known: bool = True, has_file: bool = False) -> Callable[[View], View]:
    """Let a view answer only calls of a panel; `is_known` asks for the token of a visitor."""

    def wrap(view: View) -> View:
        # No cookie is read here, so there is nothing that another site could borrow.
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            call = cast(Call, request)
            try:
                with piece.of_work():
                    response = _admit(call, methods, is_known, has_file, lambda: view(call, *args, **kwargs))
            except Problem as problem:
                response = problem.answer()
            response["Cache-Control"] = "no-store"
            response["Cross-Origin-Resource-Policy"] = "same-origin"
            return response

        return guarded

    return wrap


def speak(language: str, time_zone: str) -> None:
    """From here on in this language and zone."""
    known = language if language in dict(settings.LANGUAGES) else Company.current().language
    translation.activate(known)
    if zone := zone_of(time_zone):
        timezone.activate(zone)


# Asking for all zones reads the disk.
@lru_cache(maxsize=1_024)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of this name, or None where there is none."""
    if not _ZONE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return None


def bearer(header: str) -> str:
    """The token of an Authorization header, or nothing."""
    scheme, _space, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_own_origin(request: HttpRequest) -> bool:
    """The call comes from a page of this house, or from no page at all."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    own = urlsplit(settings.AHADI_URL)
    return origin in (f"{own.scheme}://{own.netloc}", f"{request.scheme}://{request.get_host()}")


def _admit(
    call: Call,
    methods: tuple[str, ...],
    is_known: bool,
    has_file: bool,
    answer: Callable[[], HttpResponseBase],
) -> HttpResponseBase:
    if call.method not in methods:
        raise Problem(405, "method-not-allowed", ", ".join(methods), {"Allow": ", ".join(methods)})
    if not is_own_origin(call):
        raise Problem(403, "other-origin", _("This call did not come from the chat panel."))
    if is_known:
        visitor = talks.find(bearer(call.headers.get("Authorization", "")))
        if visitor is None:
            raise Problem(401, "session-unknown", _("This chat session is over."))
        call.visitor = visitor
        speak(visitor.language, visitor.time_zone)
        quota.take(quota.CALLS, visitor.pk)
    call.given = {} if has_file else _read(call)
    return answer()


def _read(call: Call) -> dict[str, Any]:
    if call.method in ("GET", "HEAD"):
        return {}
    content = call.read(LARGEST_BODY + 1)
    if len(content) > LARGEST_BODY:
        detail = _("This message is too long to be sent at once.")
        raise Problem(413, "too-large", detail)
    if not content:
        return {}
    try:
        given = json.loads(content)
        # Half a surrogate pair is no character, and no database keeps a NUL.
        again = json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Problem(400, "malformed", _("This could not be read.")) from error
    if not isinstance(given, dict) or b"\\u0000" in again:
        raise Problem(400, "malformed", _("This could not be read."))
    return given
