"""Which of our addresses a mail came to, and which one an answer leaves from."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings

from ahadi.channels.models import Inbox, RawMessage
from ahadi.lib import piece
from ahadi.lib.question import Question
from ahadi.people.models import Company
from ahadi.tickets.models import Ticket

_ALL = Question(lambda: Inbox.objects.select_related("team"))
_CAME = Question(
    lambda ticket: RawMessage.objects.filter(entry__ticket=ticket).order_by("pk").values_list("inbox")[:1],
    own=(RawMessage._meta.db_table,),
)


def find(recipients: Iterable[str]) -> Inbox | None:
    """The active inbox that one of these addresses names, with or without a token behind a plus sign."""
    wanted = list(dict.fromkeys(base(address) for address in recipients if "@" in address))
    if not wanted:
        return None
    known: dict[str, Inbox] = {inbox.address.lower(): inbox for inbox in _active()}
    return next((known[address] for address in wanted if address in known), None)


def known(pk: int | None) -> Inbox | None:
    """The inbox with this key, as it is known in this piece of work."""
    return next((inbox for inbox in _all() if inbox.pk == pk), None)


def show_others(ticket: Ticket, recipients: Iterable[str]) -> None:
    """Let the teams of all inboxes that a mail of this ticket was sent to see it, and not only its own."""
    wanted = {base(address) for address in recipients}
    named: list[Inbox] = [inbox for inbox in _active() if inbox.address.lower() in wanted]
    if all(inbox.team_id == ticket.team_id for inbox in named):
        return
    home = of(ticket)
    for inbox in named:
        # Answers come to where the ticket began, also after another team took it over.
        if inbox.pk != home.pk:
            ticket.show_to(inbox.team)


def of(ticket: Ticket) -> Inbox:
    """Where the ticket came in, else the inbox of its team, else the first, else one named after the site."""
    active = _active()
    if len(active) > 1:
        came = [inbox for (inbox,) in _CAME.rows(ticket.pk)]
        likely = [inbox for inbox in active if inbox.pk in came] or [
            inbox for inbox in active if inbox.team_id == ticket.team_id
        ]
        return (likely or active)[0]
    return active[0] if active else unnamed()


def unnamed() -> Inbox:
    """What stands in for an inbox until an administrator has added one; it is not stored."""
    return Inbox(name=Company.current().name, address=_unnamed_address())


def is_ours(address: str) -> bool:
    """Mail to this address comes to us."""
    return base(address) in own()


def own() -> set[str]:
    """Every address of ours, in lower case and without what stands behind a plus sign."""
    return {_unnamed_address(), *(inbox.address.lower() for inbox in _all())}


def _active() -> list[Inbox]:
    return [inbox for inbox in _all() if inbox.is_active]


def _all() -> list[Inbox]:
    found: list[Inbox] = piece.once(_ALL, _ALL.objects)
    return found


def _unnamed_address() -> str:
    return f"support@{urlsplit(settings.AHADI_URL).hostname}"


def base(address: str) -> str:
    """The address without what stands behind a plus sign, in lower case."""
    local, _at, domain = address.strip().strip("<>").lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
