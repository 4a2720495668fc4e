"""Who is in front of the panel: a session begins, learns a name, proves itself, ends."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.channels.chat import here, identity, sites, talks
from ahadi.channels.chat.identity import NotProven
from ahadi.channels.models import Site, Visitor
from ahadi.widget import door, quota, shown
from ahadi.widget.door import Call
from ahadi.widget.problems import Problem

MOST_FIELDS = 20


@door.guard("POST", "PATCH", "DELETE", is_known=False)
def sessions(call: Call) -> HttpResponse:
    """POST begins, PATCH tells more, DELETE signs out."""
    if call.method == "POST":
        return _begin(call)
    visitor = talks.find(door.bearer(call.headers.get("Authorization", "")))
    if visitor is None:
        raise Problem(401, "session-unknown", _("This chat session is over."))
    call.visitor = visitor
    door.speak(visitor.language, visitor.time_zone)
    quota.take(quota.CALLS, visitor.pk)
    if call.method == "DELETE":
        return _end(visitor)
    with transaction.atomic():
        _learn(visitor, call.given)
    return JsonResponse({"visitor": shown.who(visitor), **shown.state(visitor)})


def _begin(call: Call) -> HttpResponse:
    given, place = call.given, call.META.get("REMOTE_ADDR", "")
    site = sites.find(_text(given, "site", 32))
    language = _text(given, "language", 8).partition("-")[0]
    door.speak(language or (site.language if site else ""), _text(given, "time_zone", 64))
    quota.take(quota.SESSIONS, place)
    if site is None or not sites.allows(site, _text(given, "origin", 255)):
        raise Problem(403, "site-refused", _("This website may not show the chat."))
    with transaction.atomic():
        visitor, token = talks.enter(
            site,
            language=translation.get_language() or site.language,
            time_zone=_zone(given),
            page=_page(_text(given, "page", 500)),
        )
        _learn(visitor, given)
    found = {"token": token, "visitor": shown.who(visitor), **shown.state(visitor)}
    return JsonResponse(found, status=201)


def _end(visitor: Visitor) -> HttpResponse:
    talk = talks.current(visitor)
    if talk is not None:
        here.go(talk.ticket.number)
    talks.leave(visitor)
    return HttpResponse(status=204)


def _learn(visitor: Visitor, given: dict[str, Any]) -> None:
    """Claims are kept as claims; the website's word proves."""
    for name, longest in (("name", 120), ("email", 254), ("phone", 40)):
        if (value := _text(given, name, longest).strip()) and not visitor.proof:
            setattr(visitor, name, value)
    fields = given.get("fields")
    if isinstance(fields, dict):
        short = {str(name)[:60]: str(value)[:250] for name, value in list(fields.items())[:MOST_FIELDS]}
        visitor.fields = {**visitor.fields, **short}
    visitor.save()
    claims = _claims(visitor.site, given)
    if claims is None:
        return
    quota.take(quota.PROOFS, visitor.pk)
    try:
        customer = identity.prove(visitor, claims)
    except NotProven as error:
        raise _refusal(error) from error
    talks.take_identity(visitor, customer)


def _claims(site: Site, given: dict[str, Any]) -> identity.Claims | None:
    token, user_hash = _text(given, "identity", 8_192), _text(given, "user_hash", 128)
    try:
        if token:
            return identity.read_token(site, token)
        if user_hash:
            return identity.read_hash(site, _text(given, "user_id", 120), user_hash)
    except NotProven as error:
        raise _refusal(error) from error
    return None


def _refusal(error: NotProven) -> Problem:
    return Problem(401, error.code, _("The website could not prove who you are. You can write all the same."))


def _zone(given: dict[str, Any]) -> str:
    name = _text(given, "time_zone", 64)
    return name if door.zone_of(name) else ""


def _page(address: str) -> str:
    """Origin and path: what stands behind them may be private."""
    return address.partition("?")[0].partition("#")[0]


def _text(given: dict[str, Any], name: str, longest: int) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest:
        raise Problem(422, "invalid", _("This could not be read."))
    return value
