"""How seldom machines of ours write: one table of limits, and a breaker for the whole house.

People are never held back here. Whatever is withheld is written down with its reason.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Value

from ahadi.channels.models import Absence, Delivery, GuestCode, Pause, Suppression, Withheld
from ahadi.lib import clock
from ahadi.lib.folding import fold
from ahadi.lib.question import MANY, Question, lots
from ahadi.people.models import Address, Agent
from ahadi.tickets.models import Entry, Ticket

log = logging.getLogger("ahadi.channels")

Reason = Withheld.Reason

TEN_MINUTES, HOUR, DAY = timedelta(minutes=10), timedelta(hours=1), timedelta(hours=24)
ACKNOWLEDGEMENT = "acknowledgement"
# Said at most once on a ticket, however long it lives.
ONCE = {ACKNOWLEDGEMENT}

# Automatic mails of the whole house to addresses that nobody has proven: a wave of forged senders ends here.
MOST_TO_STRANGERS, STRANGERS_WITHIN = 1_000, TEN_MINUTES
# Counting them takes as long as there are many, so it is done at every sixteenth ticket only.
COUNTED_EACH = 16
# Of those who are held in this transaction: nothing stands against the next automatic text to them.
_quiet: ContextVar[set[int]] = ContextVar("quiet", default=set())  # noqa: B039 - never added to
# Seconds: administrators see a pause that much later.
PAUSED, KEPT = "channels.paused", 15


class Plan(NamedTuple):
    """An automatic text that somebody wants to send."""

    code: str
    ticket: int
    subject: str
    inbox: int


class Mail(NamedTuple):
    """One mail of ours to the same address, not older than a day."""

    at: datetime
    is_automatic: bool
    ticket: int
    code: str
    subject: str
    inbox: int


class Limit(NamedTuple):
    """So many mails alike within a time are enough; one more is withheld for the reason given."""

    reason: str
    enough: int
    within: timedelta
    is_alike: Callable[[Mail, Plan], bool]


def _same_text(mail: Mail, plan: Plan) -> bool:
    return mail.is_automatic and mail.code == plan.code and mail.inbox == plan.inbox


def _same_subject(mail: Mail, plan: Plan) -> bool:
    return mail.is_automatic and mail.code == plan.code and _plain(mail.subject) == _plain(plan.subject)


def _same_ticket(mail: Mail, plan: Plan) -> bool:
    return mail.is_automatic and mail.ticket == plan.ticket


def _by_machine(mail: Mail, plan: Plan) -> bool:
    return mail.is_automatic


def _by_a_person(mail: Mail, plan: Plan) -> bool:
    return not mail.is_automatic


# Read from the top; all of them count mails to one address (rules E-42 and E-43).
LIMITS = (
    Limit(Reason.CONVERSATION, 1, HOUR, _by_a_person),
    Limit(Reason.OFTEN, 1, HOUR, _same_text),
    Limit(Reason.OFTEN, 4, DAY, _same_text),
    Limit(Reason.SUBJECT, 2, DAY, _same_subject),
    Limit(Reason.OFTEN, 10, TEN_MINUTES, _same_ticket),
    Limit(Reason.OFTEN, 30, TEN_MINUTES, _by_machine),
    Limit(Reason.OFTEN, 120, HOUR, _by_machine),
)
# Those that hold for every text and every ticket.
OVERALL = [limit for limit in LIMITS if limit.is_alike is _by_machine]
# Enough rows to reach every limit.
ENOUGH = max(limit.enough for limit in LIMITS)

_PREFIXES = re.compile(r"^(?:[^\W\d_]{1,12}(?:\[\d+\])?\s*[::]\s*)+")


def objection(ticket: Ticket, address: Address, code: str, inbox: int = 0) -> str:
    """Why an automatic text must not be sent to this address now, or an empty string."""
    if code in ONCE and ticket.last_seq > 1 and Entry.objects.filter(ticket=ticket, code=code).exists():
        return Reason.ONCE
    hold(address)
    now = clock.now()
    is_paused, is_suppressed, mails = _look(address, now)
    if is_paused:
        return Reason.PAUSED
    if is_suppressed:
        return Reason.SUPPRESSED
    return _reached(Plan(code, ticket.pk, ticket.subject, inbox), mails, now)


def is_full(address: Address) -> bool:
    """Machines wrote to this address as often as they may, one-time codes included, whatever the ticket."""
    now = clock.now()
    return any(_written_to(address, now - limit.within) >= limit.enough for limit in OVERALL)


def hold(address: Address) -> None:
    """Let nobody else decide about this address until the transaction ends; SQLite has one writer anyway."""
    if connection.features.has_select_for_update and not address.is_new and address.pk not in _quiet.get():
        _HOLD.rows(address.pk)


@contextmanager
def held(addresses: Sequence[Address]) -> Iterator[None]:
    """Hold several at once; inside, nothing is asked again of those with whom nothing is the matter.

    That is: nobody wrote to them for a day, they are neither suppressed nor away, and machines do not pause.
    To be entered in the transaction in which something is said to them, and left before it ends.
    """
    known = [address.pk for address in addresses if not address.is_new]
    if connection.features.has_select_for_update:
        for some in lots(known, MANY):
            _HOLD_ALL.rows(*some)
    # Only what is asked after they are held is sure to stay.
    since = _written(clock.now() - DAY)
    asked = lots([address.pk for address in addresses], MANY)
    quiet = {pk for some in asked for (pk,) in _QUIET.rows(since, *some)}
    token = _quiet.set(quiet)
    try:
        yield
    finally:
        _quiet.reset(token)


def count(entry: Entry, address: Address) -> None:
    """Look, now and then, whether strangers get too many automatic mails; then all of them pause."""
    # By tickets: in a wave each has two entries, and the answers' numbers may be odd for ever.
    if address.proven is not None or entry.ticket_id % COUNTED_EACH:
        return
    last = Pause.objects.order_by("-ended").values_list("ended", flat=True).first()
    since = clock.now() - STRANGERS_WITHIN
    told = Delivery.objects.filter(
        automatic=True, address__proven=None, created__gt=max(since, last or since)
    )
    if told[:MOST_TO_STRANGERS].count() >= MOST_TO_STRANGERS:
        Pause.objects.create()
        _quiet.get().clear()
        log.error("Automatic mail is paused: %s strangers within %s", MOST_TO_STRANGERS, STRANGERS_WITHIN)


def go_on(by: Agent) -> None:
    """End the pause; what happened before it is not counted again."""
    Pause.objects.filter(ended=None).update(ended=clock.now(), ended_by=by)
    cache.delete(PAUSED)


def paused() -> datetime | None:
    """Since when all machines are silent, for the head of every page of an administrator."""
    known = cache.get(PAUSED)
    if known is None:
        pause = Pause.now()
        known = (pause.since if pause else None,)
        cache.set(PAUSED, known, KEPT)
    since: datetime | None = known[0]
    return since


def is_noted(address: Address) -> bool:
    """Whether this address is suppressed or away, which ends when somebody writes from it."""
    if address.pk in _quiet.get():
        return False
    return any(_NOTED.rows(address.pk)[0]) if address.pk and not address.is_new else False


def _written_to(address: Address, since: datetime) -> int:
    told = Delivery.objects.filter(address=address, automatic=True, created__gt=since)
    return told.count() + GuestCode.objects.filter(address=address, created__gt=since).count()


def _reached(plan: Plan, mails: list[Mail], now: datetime) -> str:
    for limit in LIMITS:
        alike = sum(mail.at > now - limit.within and limit.is_alike(mail, plan) for mail in mails)
        if alike >= limit.enough:
            return limit.reason
    return ""


def _look(address: Address, now: datetime) -> tuple[bool, bool, list[Mail]]:
    """Everything that is asked before a text is sent, in one query."""
    if address.pk in _quiet.get():
        # What is sent to it now counts for whatever comes next.
        _quiet.get().remove(address.pk)
        return False, False, []
    rows = _ASKED.rows(address.pk, _written(now - DAY), _written(now))
    is_paused, is_suppressed = rows[0][:2] if rows else (False, False)
    mails = [
        Mail(at, automatic, ticket, code, subject, int((data or {}).get("inbox") or 0))
        for _paused, _suppressed, at, automatic, ticket, code, subject, data in rows
        if at is not None
    ]
    return is_paused, is_suppressed, mails


def _asked(address: int, since: Any, now: Any) -> QuerySet[Any, Any]:
    standing = Suppression.objects.filter(address=OuterRef("pk"), lifted=None, until__gt=Value(now))
    lately = FilteredRelation("deliveries", condition=Q(deliveries__created__gt=Value(since)))
    return (
        Address.objects.filter(pk=address)
        .annotate(paused=Exists(Pause.objects.filter(ended=None)), suppressed=Exists(standing), mail=lately)
        .order_by(F("mail__created").desc(nulls_last=True))
        .values_list(
            "paused", "suppressed", "mail__created", "mail__automatic", "mail__entry__ticket_id",
            "mail__entry__code", "mail__entry__ticket__subject", "mail__entry__words__data",
        )[:ENOUGH]
    )  # fmt: skip


def _written(moment: datetime) -> str:
    # As text: the gaps of a Question are marked by numbers, which are no moments.
    return str(connection.ops.adapt_datetimefield_value(moment))


def _plain(subject: str) -> str:
    return _PREFIXES.sub("", fold(subject)).strip()


_ASKED = Question(_asked, own=(Delivery._meta.db_table, Pause._meta.db_table, Suppression._meta.db_table))
_HOLD = Question(
    lambda address: Address.objects.select_for_update(no_key=True).filter(pk=address).values_list("pk")
)
_IS_NOTED = (
    Exists(Suppression.objects.filter(address=OuterRef("pk"), lifted=None)),
    Exists(Absence.objects.filter(address=OuterRef("pk"), ended=None)),
)
_NOTED = Question(lambda address: Address.objects.filter(pk=address).values_list(*_IS_NOTED))
_HOLD_ALL = Question(
    lambda *addresses: (
        Address.objects.select_for_update(no_key=True)
        .filter(pk__in=addresses)
        .order_by("pk")
        .values_list("pk")
    ),
    gaps=MANY,
)
_QUIET = Question(
    lambda since, *addresses: Address.objects.filter(
        *(~exists for exists in _IS_NOTED),
        ~Exists(Delivery.objects.filter(address=OuterRef("pk"), created__gt=Value(since))),
        ~Exists(Pause.objects.filter(ended=None)),
        pk__in=addresses,
    ).values_list("pk"),
    gaps=1 + MANY,
)
