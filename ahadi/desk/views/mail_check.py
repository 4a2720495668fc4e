"""The examination of the inboxes: what was found, and what to do next."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from ahadi.channels.email import checkups as examinations
from ahadi.channels.email import verdicts
from ahadi.channels.models import Checkup, Inbox
from ahadi.desk.views.access import AgentRequest, for_admins


class Found(NamedTuple):
    """One line of the page."""

    about: str
    state: str
    what: str
    next: str
    place: str
    record: str


@require_safe
@for_admins
def checkups(request: AgentRequest) -> HttpResponse:
    """Every inbox with its newest examination."""
    inboxes = list(Inbox.objects.order_by("pk"))
    newest = {checkup.inbox_id: checkup for checkup in Checkup.objects.order_by("asked", "pk")}
    rows = [(inbox, newest.get(inbox.pk), worst(newest.get(inbox.pk))) for inbox in inboxes]
    return render(request, "desk/settings/mail_checks.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def checkup(request: AgentRequest, pk: int) -> HttpResponse:
    """One inbox: examine it, and read what was found."""
    inbox = get_object_or_404(Inbox, pk=pk)
    if request.method == "POST":
        examinations.ask(inbox)
        return redirect("desk:mail_check", inbox.pk)
    newest = Checkup.objects.filter(inbox=inbox).order_by("-asked", "-pk").first()
    context = {"inbox": inbox, "checkup": newest, "findings": read(newest) if newest else []}
    return render(request, "desk/settings/mail_check.html", context)


def read(checkup: Checkup) -> list[Found]:
    """What was found, in words."""
    return [_read(finding) for finding in _findings(checkup)]


def worst(checkup: Checkup | None) -> str:
    """The worst state of an examination, or nothing where there was none."""
    if checkup is None or checkup.done is None:
        return ""
    states = {finding["state"] for finding in _findings(checkup)}
    order = (examinations.BAD, examinations.WARN, examinations.WAITS, examinations.OK)
    return next((state for state in order if state in states), "")


def _findings(checkup: Checkup) -> list[dict[str, Any]]:
    # The mail to oneself comes back later than the rest is known.
    newer = examinations.loop(checkup)
    known = {finding["about"] for finding in newer}
    return [*(finding for finding in checkup.findings if finding["about"] not in known), *newer]


def _read(finding: dict[str, Any]) -> Found:
    data = finding["data"]
    said = verdicts.read(finding["code"], data)
    return Found(
        str(verdicts.ABOUT[finding["about"]]),
        finding["state"],
        str(said.what),
        str(said.next),
        data.get("place", ""),
        data.get("record", ""),
    )
