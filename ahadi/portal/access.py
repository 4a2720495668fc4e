"""What a guest may see: the requests that this browser has proven, for a day, or half an hour unvisited."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest

from ahadi.channels import keys, links
from ahadi.lib import clock
from ahadi.people.models import Address
from ahadi.tickets.models import Attachment, Entry, Ticket

LIFETIME = timedelta(hours=24)
IDLE = timedelta(minutes=30)
# Writing the session down at every request would cost a write for every look.
FRESH = timedelta(minutes=1)
MOST = 20
KEY = "guest"
# Keys to keep that this browser was given: shown while the proof lives, stored nowhere else.
PAPER = "guest_keys"


def grant(request: HttpRequest, ticket: Ticket, address: Address) -> None:
    """Let this browser see a request as the person of this address."""
    now = int(clock.now().timestamp())
    # A session that somebody planted here before must not become one that sees something.
    request.session.cycle_key()
    grants = request.session.get(KEY, {})
    grants.pop(ticket.number, None)
    newest = list(grants.items())[-(MOST - 1) :]
    request.session[KEY] = {**dict(newest), ticket.number: [address.pk, now, now]}


def known(request: HttpRequest) -> list[Ticket]:
    """The open requests that this browser has proven, newest proof first."""
    return [ticket for ticket in proven(request) if not ticket.is_solved]


def proven(request: HttpRequest) -> list[Ticket]:
    """All requests that this browser has proven, newest proof first."""
    numbers = list(request.session.get(KEY, {}))[::-1]
    found = {ticket.number: ticket for ticket in Ticket.objects.filter(number__in=numbers)}
    return [found[number] for number in numbers if number in found and guest_of(request, found[number])]


def withdraw(request: HttpRequest, number: str) -> None:
    """Close a request in this browser."""
    for name in (KEY, PAPER):
        kept = request.session.get(name, {})
        if kept.pop(number, None):
            request.session[name] = kept


def give_key(request: HttpRequest, ticket: Ticket, address: Address) -> None:
    """Make a key for somebody whom no mail reaches, and hold it for this browser to show."""
    kept = request.session.get(PAPER, {})
    request.session[PAPER] = {**kept, ticket.number: keys.make_key(ticket, address)}


def key_of(request: HttpRequest, ticket: Ticket) -> str:
    """The key to write down; empty once the browser no longer holds it."""
    return str(request.session.get(PAPER, {}).get(ticket.number, ""))


def guest_of(request: HttpRequest, ticket: Ticket) -> Address | None:
    """The address as which this browser may see a request; None without a living proof."""
    number = _proven(request, ticket)
    if not number:
        return None
    pk, granted, seen = request.session[KEY][number]
    now = clock.now()
    if now - _moment(granted) > LIFETIME or now - _moment(seen) > IDLE:
        withdraw(request, number)
        return None
    if now - _moment(seen) > FRESH:
        grants = request.session[KEY]
        grants[number] = [pk, granted, int(now.timestamp())]
        request.session[KEY] = grants
    # Whoever was taken off the request sees it no more.
    return links.addresses_of(ticket).select_related("customer").filter(pk=pk).first()


def entries_of(ticket: Ticket, guest: Address) -> QuerySet[Entry]:
    """What this guest may read of a request: no note, no event, nothing from before they joined."""
    return links.seen_by(ticket, guest)


def files_of(ticket: Ticket, guest: Address) -> QuerySet[Attachment]:
    """The files of what this guest may read."""
    return Attachment.objects.filter(entry__in=links.seen_by(ticket, guest).order_by())


def owns(ticket: Ticket, guest: Address) -> bool:
    """The request is this guest's own, and not one they only take part in."""
    return guest.pk == ticket.address_id or guest.customer_id == ticket.requester_id


def ground(ticket: Ticket, guest: Address) -> Ticket:
    """Where the words of this guest go: where the request goes on, if they have a part there."""
    living = ticket.living
    return living if living is ticket or links.addresses_of(living).filter(pk=guest.pk).exists() else ticket


def goes_on(ticket: Ticket, guest: Address) -> str:
    """The code under which a merged request goes on, for whoever has a part in it."""
    found = ground(ticket, guest)
    return "" if found.pk == ticket.pk else found.number


def _proven(request: HttpRequest, ticket: Ticket) -> str:
    """The request whose proof opens this one: itself, or one that goes on in it."""
    grants = request.session.get(KEY, {})
    if ticket.number in grants or not grants:
        return ticket.number if grants else ""
    merged = Ticket.objects.filter(merged_into=ticket, number__in=list(grants))
    return merged.values_list("number", flat=True).first() or ""


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, clock.now().tzinfo)
