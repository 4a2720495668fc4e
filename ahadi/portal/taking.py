"""One door for the forms of the portal: how often they may come, that each counts once, what is told else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ahadi.people.models import Address
from ahadi.portal import access, quota, sending
from ahadi.portal.forms import AskForm
from ahadi.tickets.models import Entry

log = logging.getLogger("ahadi.portal")

Form = TypeVar("Form", bound=AskForm)
Show = Callable[[Any, int], HttpResponse]


def take(
    request: HttpRequest, kind: Callable[..., Form], write: Callable[[Form], Entry], show: Show
) -> Entry | HttpResponse:
    """The entry that a form became, one however often it is sent; else its page, with what is wrong."""
    if not quota.take(request, quota.ATTEMPTS):
        return _busy(kind(request.POST), show)
    try:
        form = kind(request.POST, request.FILES)
        if not form.is_valid():
            return show(form, 422)
        if not quota.take(request, quota.REQUESTS):
            return _busy(form, show)
        entry = sending.once(form.one_time_key, lambda: write(form))
    except sending.NO_ROOM as error:
        log.error("A form was not stored: %s: %s", type(error).__name__, error)
        refused = kind(request.POST)
        refused.refuse()
        return show(refused, 503)
    _remember(request, entry)
    return entry


def _remember(request: HttpRequest, entry: Entry) -> None:
    """Whoever began a request sees it in this browser, and with a key wherever there is no mail."""
    if entry.seq == 1 and entry.address is not None:
        access.grant(request, entry.ticket, entry.address)
        if entry.address.kind == Address.Kind.PHONE:
            access.give_key(request, entry.ticket, entry.address)


def _busy(form: AskForm, show: Show) -> HttpResponse:
    form.is_valid()
    form.add_error(
        None, _("Many messages came from your network in the last hour. Please send it again later.")
    )
    return show(form, 429)
