"""Lists in pages: a signed cursor instead of an offset, stable while rows are added."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from django.core import signing
from django.db.models import Model, QuerySet
from django.http import HttpResponse

from ahadi.api.asked import Filters
from ahadi.api.door import Call
from ahadi.api.problems import wrong

Row = TypeVar("Row", bound=Model)

_SALT = "ahadi.api.pages"
_LARGEST = 2**63 - 1


def page(
    request: Call,
    response: HttpResponse,
    rows: QuerySet[Row],
    asked: Filters,
    show: Callable[[Row], dict[str, Any]],
    by: str = "pk",
    newest_first: bool = False,
) -> dict[str, Any]:
    """One page of rows in the order of a unique number, with the address of the next one."""
    if asked.after:
        last = _read(request.path, asked.after, plain=not newest_first)
        rows = rows.filter(**{f"{by}__{'lt' if newest_first else 'gt'}": last})
    found = list(rows.order_by(f"-{by}" if newest_first else by)[: asked.limit + 1])
    shown, has_more = found[: asked.limit], len(found) > asked.limit
    following = _next(request, getattr(shown[-1], by)) if has_more else None
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return {"data": [show(row) for row in shown], "next": following}


def _next(request: Call, last: int) -> str:
    asked = request.GET.copy()
    asked["after"] = _signer(request.path).sign(str(last))
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")


def _read(path: str, text: str, plain: bool) -> int:
    """The number behind a cursor; a plain number counts too where the order is that of the numbers shown."""
    # Programs hand back `next` whole; what it says about other parameters does not count.
    cursor = parse_qs(urlsplit(text).query).get("after", [""])[0] if "?" in text else text
    try:
        is_plain = plain and cursor.isascii() and cursor.isdigit()
        number = int(cursor if is_plain else _signer(path).unsign(cursor))
    except (signing.BadSignature, ValueError) as error:
        raise wrong("/after", "cursor", "`after` is not the `next` of a page of this list.") from error
    if number > _LARGEST:
        raise wrong("/after", "cursor", "`after` is larger than any number here.")
    return number


def _signer(path: str) -> signing.Signer:
    return signing.Signer(salt=f"{_SALT}{path}")
