"""What each operator of the search means: a condition on tickets, or None for a value that it does not know.

Operators are listed in settings.OPERATORS, so that fields and channels bring their own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.module_loading import import_string

from ahadi.lib.folding import spellings
from ahadi.people.models import Address, Agent, Customer, Team
from ahadi.tickets.grammar import plain
from ahadi.tickets.models import Attachment, Entry, FieldValue, Follower, Mention, Tag, Ticket
from ahadi.tickets.number import LENGTH, read_signs

Operator = Callable[[str, Agent, datetime], Q | None]
UNSOLVED = ~Q(status=Ticket.Status.SOLVED)
ME, NONE = "me", "none"
# Attachments, from which on looking for them ticket by ticket is the shorter way.
MANY = 8_000
# A question about no key at all could not be asked.
NOBODY = [0]
_PRIORITIES = {"low": 1, "normal": 2, "high": 3, "urgent": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_CHANNELS = {"mail": "email", "web": "form", "call": "phone"}
_KINDS = {kind: kind for kind in ("note", "reply", "message")}
_STATES: dict[str, Callable[[Agent, datetime], Q]] = {
    # Said twice, because the databases do not see that an index of what is unsolved serves.
    "open": lambda agent, at: UNSOLVED & Q(status=Ticket.Status.OPEN),
    "waiting": lambda agent, at: UNSOLVED & Q(status=Ticket.Status.WAITING),
    "solved": lambda agent, at: Q(status=Ticket.Status.SOLVED),
    "unsolved": lambda agent, at: UNSOLVED,
    "mine": lambda agent, at: UNSOLVED & Q(assignee=agent),
    "unassigned": lambda agent, at: UNSOLVED & Q(assignee=None),
    "broken": lambda agent, at: UNSOLVED & Q(due__lte=at),
    "unanswered": lambda agent, at: UNSOLVED & Q(waiting_since__isnull=False),
    "snoozed": lambda agent, at: UNSOLVED & Q(snoozed_until__gt=at),
    "merged": lambda agent, at: Q(merged_into__isnull=False),
    "followed": lambda agent, at: Q(Exists(Follower.objects.filter(ticket=OuterRef("pk"), agent=agent))),
    "mentioned": lambda agent, at: Q(
        pk__in=Mention.objects.filter(agent=agent, seen=None).values("entry__ticket")
    ),
}  # fmt: skip
_PARTS: dict[str, Callable[[], Q]] = {
    "attachment": lambda: _with_attachment(),
    "note": lambda: _with_entry("note"),
    "reply": lambda: _with_entry("reply"),
    "tag": lambda: Q(Exists(Ticket.tags.through.objects.filter(ticket=OuterRef("pk")))),
}
_PARTS["file"] = _PARTS["attachment"]
# By when the answer is promised: days from today's, and how many of them.
_DAYS = {"today": (0, 1), "tomorrow": (1, 1), "week": (0, 7)}


@cache
def operators() -> dict[str, Operator]:
    """Every operator there is, by its name."""
    return {name: import_string(path) for name, path in settings.OPERATORS.items()}


def asks(value: str, agent: Agent, at: datetime) -> Q | None:
    """from: a part of the customer's name or address."""
    if ":" in value or not value.strip("@."):
        return None
    known = Address.objects.filter(value__contains=value.lower()).values("customer")
    named = Customer.objects.filter(name__iregex=spellings(value)).values("pk")
    return Q(requester__in=named) | Q(requester__in=known)


def state(value: str, agent: Agent, at: datetime) -> Q | None:
    """is: how far it is."""
    found = _STATES.get(plain(value))
    return found(agent, at) if found else None


def part(value: str, agent: Agent, at: datetime) -> Q | None:
    """has: what belongs to it."""
    found = _PARTS.get(plain(value).removesuffix("s"))
    return found() if found else None


def tag(value: str, agent: Agent, at: datetime) -> Q | None:
    """tag: one of its tags."""
    if plain(value) == NONE:
        return ~_PARTS["tag"]()
    known = [pk for pk, name in Tag.objects.values_list("pk", "name") if plain(name) == plain(value)]
    return Q(pk__in=Ticket.tags.through.objects.filter(tag__in=known or NOBODY).values("ticket"))


def team(value: str, agent: Agent, at: datetime) -> Q | None:
    """team: who looks after it together; `me` are the reader's own teams."""
    if plain(value) == ME:
        return Q(team__agents=agent)
    teams = Team.objects.values_list("pk", "name")
    return Q(team__in=[pk for pk, name in teams if plain(name).startswith(plain(value))] or NOBODY)


def assignee(value: str, agent: Agent, at: datetime) -> Q | None:
    """assignee: who looks after it; `me`, or `none`."""
    if plain(value) == ME:
        return Q(assignee=agent)
    if plain(value) == NONE:
        return Q(assignee=None)
    wanted, agents = plain(value), Agent.objects.values_list("pk", "name", "email")
    known = [pk for pk, *names in agents if any(plain(name).startswith(wanted) for name in names)]
    return Q(assignee__in=known or NOBODY)


def priority(value: str, agent: Agent, at: datetime) -> Q | None:
    """priority: how urgent it is."""
    found = _PRIORITIES.get(plain(value))
    return Q(priority=found) if found else None


def code(value: str, agent: Agent, at: datetime) -> Q | None:
    """code: the beginning of its tracking code, however it is typed."""
    signs = read_signs(value)[:LENGTH]
    if not signs:
        return None
    return Q(number__startswith="-".join(signs[start : start + 4] for start in range(0, len(signs), 4)))


def before(value: str, agent: Agent, at: datetime) -> Q | None:
    """before: opened on an earlier day."""
    found = _day(value, at)
    return Q(opened__lt=found) if found else None


def after(value: str, agent: Agent, at: datetime) -> Q | None:
    """after: opened on this day or later."""
    found = _day(value, at)
    return Q(opened__gte=found) if found else None


def due(value: str, agent: Agent, at: datetime) -> Q | None:
    """due: today, tomorrow, in the coming week or on a day; what is broken is no longer due."""
    first, number = _DAYS.get(plain(value), (0, 0))
    start = midnight(at, first) if number else _day(value, at)
    if start is None:
        return None
    end = midnight(start, number or 1)
    return UNSOLVED & Q(due__gt=max(start, at) if number else start, due__lt=end)


def language(value: str, agent: Agent, at: datetime) -> Q | None:
    """lang: the language of the customer."""
    return Q(language=plain(value)) if plain(value) in dict(settings.LANGUAGES) else None


def channel(value: str, agent: Agent, at: datetime) -> Q | None:
    """channel: the way it came."""
    name = plain(value)
    return Q(channel=_CHANNELS.get(name, name)) if name.isidentifier() else None


def kind(value: str, agent: Agent, at: datetime) -> Q | None:
    """in: where the words stand; alone, that there is such an entry."""
    found = _KINDS.get(plain(value).removesuffix("s"))
    return _with_entry(found) if found else None


def has_place(value: str) -> bool:
    """Whether words can stand there."""
    return plain(value).removesuffix("s") in _KINDS


def field(value: str, agent: Agent, at: datetime) -> Q | None:
    """field: `code=value` of one's own fields."""
    name, sign, sought = value.partition("=")
    if not sign or not name.strip():
        return None
    known = FieldValue.objects.filter(field__code=plain(name), folded__startswith=plain(sought))
    return Q(pk__in=known.values("ticket"))


def midnight(at: datetime, days: int = 0) -> datetime:
    """The start of a day on the reader's clock, so many days from a moment."""
    zone = timezone.get_current_timezone()
    day = at.astimezone(zone).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _day(value: str, at: datetime) -> datetime | None:
    ago = {"today": 0, "yesterday": 1}.get(plain(value))
    if ago is not None:
        return midnight(at, -ago)
    with suppress(ValueError, OverflowError):
        day = date.fromisoformat(plain(value))
        return datetime(day.year, day.month, day.day, tzinfo=timezone.get_current_timezone())
    return None


def _with_attachment() -> Q:
    if Attachment.objects.order_by()[MANY:].exists():
        # Among so many the page is full soon.
        return Q(Exists(Attachment.objects.filter(entry__ticket=OuterRef("pk"))))
    return Q(pk__in=Attachment.objects.values("entry__ticket"))


def _with_entry(named: str) -> Q:
    return Q(Exists(Entry.objects.filter(ticket=OuterRef("pk"), kind=named)))
