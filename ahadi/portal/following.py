"""One request as its customer sees it: the state by its code alone, everything with a proof."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ahadi.channels import documents
from ahadi.complaints import ending
from ahadi.complaints.models import Complaint
from ahadi.people.models import Address
from ahadi.portal import access, feed, lasting, pages, progress, quota, sending, telling
from ahadi.portal.answers import SolutionForm
from ahadi.portal.forms import AddressForm, FindForm, KeyForm, MessageForm
from ahadi.portal.repair import masked
from ahadi.promises import returning
from ahadi.tickets import hearing, intake
from ahadi.tickets.hearing import Hearing
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.number import read_number
from ahadi.tickets.said import File

log = logging.getLogger("ahadi.portal")

DRAFT = "guest_draft"


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """From a code, typed in any way, to its request."""
    typed = request.GET.get("code", "").strip()
    number = read_number(typed)
    if number is not None:
        return pages.private(redirect("portal:follow", number))
    form = FindForm(request.GET if "code" in request.GET else None)
    if form.is_bound:
        said = _("This is not a whole code: it has twelve letters and digits. Please look once more.")
        form.add_error("code", said if typed else _("Type the code from our first mail to you."))
    return pages.private(pages.show(request, "find", {"form": form}, 422 if form.is_bound else 200))


@require_safe
def follow(request: HttpRequest, number: str) -> HttpResponse:
    """Everything for the customer who has shown who they are, else only the state."""
    code = read_number(number)
    if code is not None and code != number:
        return pages.private(redirect("portal:follow", code))
    ticket = find_ticket(code)
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is not None and guest is not None:
        form = MessageForm(initial={"text": request.session.pop(DRAFT, {}).get(ticket.number, "")})
        return show(request, ticket, guest, form)
    # The rest is open to anybody: it is counted, so that nobody can try out codes.
    if not quota.take_lookup(request):
        return pages.private(pages.show(request, "busy", {}, 429))
    if ticket is None:
        quota.tell_wrong()
        return unknown(request, number)
    return show_state(request, ticket)


@require_POST
def messages(request: HttpRequest, number: str) -> HttpResponse:
    """More words to a request; what was typed outlives a proof that has run out."""
    ticket = find_ticket(read_number(number))
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None:
        request.session[DRAFT] = {number: request.POST.get("text", "")[:20_000]}
        return pages.private(redirect("portal:follow", number))
    is_busy = not quota.take(request, quota.MESSAGES)
    try:
        form = MessageForm(request.POST, None if is_busy else request.FILES)
        if not form.is_valid():
            return show(request, ticket, guest, form, 422)
        if is_busy:
            form.add_error(
                None, _("Many messages came from your network in the last hour. Please send it again later.")
            )
            return show(request, ticket, guest, form, 429)
        said = form.cleaned_data["text"]
        files = [kept.file for kept in form.kept]
        entry = sending.once(form.one_time_key, lambda: add(ticket, guest, said, files))
    except sending.NO_ROOM as error:
        log.error("A message was not stored: %s: %s", type(error).__name__, error)
        form = MessageForm(request.POST)
        form.refuse()
        return show(request, ticket, guest, form, 503)
    is_shown = entry.ticket.pk == ticket.pk or access.guest_of(request, entry.ticket) is not None
    number = entry.ticket.number if is_shown else ticket.number
    return pages.private(redirect(f"/r/{number}/#entry-{entry.seq}"))


@require_safe
def file(request: HttpRequest, number: str, pk: int) -> HttpResponseBase:
    """A file of a request, for whoever may read the request."""
    ticket = find_ticket(read_number(number))
    guest = access.guest_of(request, ticket) if ticket else None
    if ticket is None or guest is None:
        raise Http404
    response = documents.attachment_response(get_object_or_404(access.files_of(ticket, guest), pk=pk))
    response["Cache-Control"] = "no-store, private"
    response["X-Robots-Tag"] = "noindex"
    return response


def find_ticket(number: str | None) -> Ticket | None:
    """The request with this code, and who looks after it."""
    wanted = Ticket.objects.select_related("team", "assignee", "requester", "address")
    return wanted.filter(number=number or "").first()


def add(ticket: Ticket, guest: Address, text: str, files: Sequence[File]) -> Entry:
    """A message of a customer who has shown who they are."""
    inbound = Inbound(
        channel="form",
        address=guest,
        text=text,
        new_text=text,
        files=files,
        ticket=access.ground(ticket, guest),
        data={"page": True},
    )
    return intake.receive(inbound).entry


def show(
    request: HttpRequest, ticket: Ticket, guest: Address, form: MessageForm, status: int = 200
) -> HttpResponse:
    """The whole request: promise, steps, what was understood, what was said."""
    entries = access.entries_of(ticket, guest).select_related("words", "agent", "customer")
    talk = list(entries.prefetch_related("attachments"))
    is_own = access.owns(ticket, guest)
    heard = hearing.read(ticket) if is_own else Hearing(None)
    works = returning.confirmed(ticket)
    context = {
        "ticket": ticket,
        "guest": guest,
        "seen_as": masked(guest),
        "form": form,
        "talk": talk,
        "steps": progress.steps(ticket, talk, heard, works.at if works else None),
        "next": progress.next_step(ticket),
        "is_late": progress.is_late(ticket),
        "is_own": is_own,
        "goes_on": access.goes_on(ticket, guest),
        "is_complaint": Complaint.objects.filter(pk=ticket.pk).exists(),
        "statement": progress.understood(heard, talk) if is_own else None,
        "heard": heard,
        "ending": ending.standing(ticket) if ticket.step_code == Ticket.Step.ENDED else None,
        "by_letter": ending.by_letter() if ticket.step_code == Ticket.Step.ENDED else "",
        "works": works,
        "returns": returning.times(ticket) if ticket.is_solved else 0,
        "usual": lasting.of(ticket),
        "solution_form": SolutionForm(),
        "feed": feed.token(ticket, guest),
        **(telling.calls_of(ticket) if is_own else {}),
    }
    return pages.private(pages.show(request, "follow", context, status))


def show_state(
    request: HttpRequest,
    ticket: Ticket,
    status: int = 200,
    mail_form: AddressForm | None = None,
    key_form: KeyForm | None = None,
) -> HttpResponse:
    """What the code alone tells: the state and the time of the next news; no name, no word."""
    living = ticket.living
    context = {
        "number": ticket.number,
        # The code of a request that is another customer's is theirs to give.
        "goes_on": living.number
        if living.pk != ticket.pk and living.requester_id == ticket.requester_id
        else "",
        "status": "ended" if living.step_code == Ticket.Step.ENDED else living.status,
        "ended": living.solved,
        "due": living.due,
        "is_late": progress.is_late(living),
        "has_draft": bool(request.session.get(DRAFT, {}).get(ticket.number)),
        "mail_form": mail_form or AddressForm(),
        "key_form": key_form or KeyForm(),
    }
    return pages.private(pages.show(request, "state", context, status))


def unknown(request: HttpRequest, number: str) -> HttpResponse:
    """No such request. Saying so helps whoever mistyped; 60 random bits and the quota keep guessers out."""
    return pages.private(pages.show(request, "unknown", {"form": FindForm(initial={"code": number})}, 404))
