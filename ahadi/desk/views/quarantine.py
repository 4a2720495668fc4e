"""The quarantine: what was put aside, why, and letting it go."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ahadi.channels import quarantine as aside
from ahadi.channels.email import parse
from ahadi.channels.models import RawMessage
from ahadi.desk.views.access import AgentRequest, for_leads

PER_PAGE = 50
# Enough to see what it is; the message itself can be downloaded whole.
LONGEST_TEXT = 4000

EXPLANATIONS = {
    RawMessage.Reason.LOOP: gettext_lazy(
        "It carries our own mark: two machines might write to each other without end."
    ),
    RawMessage.Reason.BOUNCE: gettext_lazy(
        "A server reports that a mail was not delivered, but we sent no such mail."
    ),
    RawMessage.Reason.SELF: gettext_lazy(
        "Its sender is one of our own inboxes, so an answer would come back to us."
    ),
    RawMessage.Reason.EMPTY: gettext_lazy("There is no subject, no text and no file in it."),
    RawMessage.Reason.TOO_LARGE: gettext_lazy("It is larger than 25 MB."),
    RawMessage.Reason.SPAM: gettext_lazy("Your mail server marked it as spam."),
}


@require_safe
@for_leads
def quarantine(request: AgentRequest) -> HttpResponse:
    """Everything that was put aside, the newest first."""
    page = Paginator(_put_aside(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/settings/quarantine.html", {"page": page})


@require_safe
@for_leads
def message(request: AgentRequest, pk: int) -> HttpResponse:
    """One message: who sent it, why it was put aside, and its text."""
    raw = get_object_or_404(_put_aside(), pk=pk)
    mail = parse(raw.read())
    context = {
        "raw": raw,
        "mail": mail,
        "text": mail.text[:LONGEST_TEXT],
        "is_cut": len(mail.text) > LONGEST_TEXT,
        "why": EXPLANATIONS.get(RawMessage.Reason(raw.reason)) if raw.reason else "",
    }
    return render(request, "desk/settings/quarantined.html", context)


@require_POST
@for_leads
def release(request: AgentRequest, pk: int) -> HttpResponse:
    """Make a ticket of it, or the entry of a ticket that it would have been."""
    raw = get_object_or_404(RawMessage.objects.exclude(outcome=RawMessage.Outcome.PENDING), pk=pk)
    is_first = raw.outcome == RawMessage.Outcome.QUARANTINE
    try:
        entry = aside.release(raw)
    except ValueError:
        messages.error(request, _("It could not be read just now. It stays here; try again in a minute."))
        return redirect("desk:quarantine")
    if is_first:
        messages.success(request, _("The message is now part of this ticket. Its sender was not told."))
    return redirect("desk:ticket", "open", entry.ticket.number)


def _put_aside() -> QuerySet[RawMessage]:
    return (
        RawMessage.objects.filter(outcome=RawMessage.Outcome.QUARANTINE)
        .select_related("inbox")
        .order_by("-received", "-pk")
    )
