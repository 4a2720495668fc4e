"""How a customer without an account proves who they are: a link in a mail, or a short code by mail."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac

from ahadi.channels import restraint
from ahadi.channels.models import GuestCode, GuestLink, Participant
from ahadi.lib import clock
from ahadi.lib.statement import insert
from ahadi.people import identify
from ahadi.people.models import Address
from ahadi.tickets.models import Entry, Ticket

LINK_LIFETIME = timedelta(days=30)
CODE_LIFETIME = timedelta(minutes=10)
CODE_DIGITS = 8
MAX_TRIES = 5
# Codes for one ticket within an hour; more would let somebody guess, or fill a stranger's mailbox.
MAX_CODES = 5


def make_link(ticket: Ticket, address: Address) -> str:
    """A link that shows this ticket to whoever reads mail at this address; each use gives it 30 more days."""
    token = secrets.token_urlsafe(24)
    expires = clock.now() + LINK_LIFETIME
    insert(GuestLink(ticket=ticket, address=address, token_hash=_hash(token), expires=expires))
    # Written out: asking for the address by its name would load every page into the worker.
    return f"{settings.AHADI_URL}/r/{ticket.number}/{token}/"


def find(number: str, token: str) -> GuestLink | None:
    """The living link behind a token, without using it."""
    return (
        GuestLink.objects.select_related("ticket", "address__customer")
        .filter(token_hash=_hash(token), ticket__number=number, revoked=None, expires__gt=clock.now())
        .first()
    )


def redeem(number: str, token: str) -> GuestLink | None:
    """Use a link: it lives 30 more days and proves its mail address; None when unknown, closed or too old."""
    link = find(number, token)
    if link is None:
        return None
    link.expires = max(link.expires, clock.now() + LINK_LIFETIME)
    link.save(update_fields=["expires"])
    # A link that came by mail was read at its address; nothing was ever sent to a phone number.
    if link.address.kind == Address.Kind.EMAIL:
        link.address.prove()
    return link


def revoke(ticket: Ticket, address: Address) -> None:
    """Close every link of a person who is no longer part of a ticket."""
    GuestLink.objects.filter(ticket=ticket, address=address, revoked=None).update(revoked=clock.now())


def addresses_of(ticket: Ticket) -> QuerySet[Address]:
    """Where the people of a ticket are reached: for answers, where the requester wrote from, participants."""
    wrote = Entry.objects.filter(ticket=ticket, kind=Entry.Kind.MESSAGE, customer=ticket.requester_id)
    joined = Participant.objects.filter(ticket=ticket, removed=None)
    mine = Q(pk=ticket.address_id) | Q(pk__in=wrote.values("address"))
    return Address.objects.filter(mine | Q(pk__in=joined.values("address")))


def recipients_of(ticket: Ticket) -> list[Address]:
    """Where an answer goes: the address of the ticket first, then those who take part in it."""
    joined = Participant.objects.filter(ticket=ticket, removed=None).order_by("pk")
    others = [participant.address for participant in joined.select_related("address__customer")]
    own = [ticket.address] if ticket.address is not None else []
    return own + [address for address in others if address.pk != ticket.address_id]


def seen_by(ticket: Ticket, address: Address) -> QuerySet[Entry]:
    """What a person of a ticket may read: everything for its requester, for others what came after they did.

    Never a note or an event, and never a mail that carries a code: whoever can read our replies
    must not be able to prove an address of ours to somebody else.
    """
    public = Entry.objects.filter(ticket=ticket, kind__in=(Entry.Kind.MESSAGE, Entry.Kind.REPLY))
    shown = public.exclude(words__data__has_key="code_mail").order_by("seq")
    if address.pk == ticket.address_id or address.customer_id == ticket.requester_id:
        return shown
    joined = Participant.objects.filter(ticket=ticket, address=address, removed=None).first()
    return shown.filter(seq__gt=joined.after) if joined else shown.none()


@transaction.atomic
def send_code(ticket: Ticket, address: Address | str, browser: str) -> None:
    """Mail a code to an address of the ticket; for any other address nothing happens, and nobody can tell."""
    found = _own_mail(ticket, address)
    if found is None or _recent(ticket) >= MAX_CODES or restraint.is_full(found):
        return
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    GuestCode.objects.create(
        ticket=ticket,
        address=found,
        code_hash=_code_hash(ticket, found, code),
        browser_hash=_hash(browser),
        expires=clock.now() + CODE_LIFETIME,
    )
    from ahadi.channels.email import letters

    letters.send_code(ticket, found, code)


@transaction.atomic
def check_code(ticket: Ticket, address: Address | str, browser: str, code: str) -> Address | None:
    """The address that a code proves, in the browser that asked for it, once; None for every other code."""
    found = _own_mail(ticket, address)
    if found is None:
        return None
    given = _code_hash(ticket, found, _digits(code))
    # Counted before compared, so that guesses made at the same time count too.
    asked = GuestCode.objects.filter(ticket=ticket, address=found, browser_hash=_hash(browser))
    waiting = asked.filter(used=None, expires__gt=clock.now())
    waiting.update(tries=F("tries") + 1)
    for row in waiting.filter(tries__lte=MAX_TRIES):
        if compare_digest(row.code_hash, given):
            waiting.update(used=clock.now())
            found.prove()
            return found
    return None


def _own_mail(ticket: Ticket, address: Address | str) -> Address | None:
    own = addresses_of(ticket).filter(kind=Address.Kind.EMAIL)
    if isinstance(address, Address):
        return own.filter(pk=address.pk).first()
    try:
        return own.filter(value=identify.normalise(Address.Kind.EMAIL, address)).first()
    except identify.Unreadable:
        return None


def _recent(ticket: Ticket) -> int:
    since = clock.now() - timedelta(hours=1)
    return GuestCode.objects.filter(ticket=ticket, created__gt=since).count()


def _digits(code: str) -> str:
    # Persian and Arabic keyboards write their own digits.
    return "".join(str(int(sign)) for sign in code if sign.isdecimal())


def _code_hash(ticket: Ticket, address: Address, code: str) -> str:
    # Keyed: a million plain hashes are tried in a second.
    text = f"{ticket.pk}/{address.pk}/{code}"
    return salted_hmac("ahadi.channels.links", text, algorithm="sha256").hexdigest()


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
