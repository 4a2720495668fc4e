"""The work around one ticket, as the panel beside it shows it: read when the panel is opened, not before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ahadi.channels import forwarding
from ahadi.channels.models import Forward
from ahadi.lib import clock
from ahadi.people import merging
from ahadi.people.models import Agent, Customer
from ahadi.promises import returning
from ahadi.tickets import chores, fields, followers, linking, snoozing
from ahadi.tickets.models import Attachment, Entry, Field, Task, Ticket
from ahadi.tickets.said import PUBLIC

# The newest messages to choose from when some are split off.
MOST_MESSAGES = 30
MOST_VERDICTS = 5


class Value(NamedTuple):
    """A field with what is known in it."""

    field: Field
    value: str


class Message(NamedTuple):
    """A message or an answer to choose, by its number and its first words."""

    seq: int
    is_of_customer: bool
    text: str


class Verdict(NamedTuple):
    """What the customer said of a solution, on the page of their request."""

    number: str
    subject: str
    code: str
    at: datetime

    @property
    def works(self) -> bool:
        """They were content."""
        return self.code == returning.WORKS


@dataclass(frozen=True)
class Work:
    """Everything around a ticket that is not said in it."""

    merged: list[Ticket]
    fields: list[Value]
    links: list[linking.Linked]
    messages: list[Message]
    suggested: list[Ticket]
    tasks: list[Task]
    spent: list[chores.Spent]
    followers: list[Agent]
    is_followed: bool
    readings: list[tuple[str, date]]
    forwards: list[Forward]
    files: list[Attachment]
    verdicts: list[Verdict]

    @property
    def open_parts(self) -> int:
        """How many parts of this cause wait for the same answer."""
        return sum(1 for each in self.links if each.role == "child" and not each.ticket.is_solved)

    @property
    def minutes(self) -> int:
        """How long everybody worked together."""
        return sum(each.minutes for each in self.spent)

    @property
    def done(self) -> int:
        """How many lines of the checklist are done."""
        return sum(1 for task in self.tasks if task.done)


def around(agent: Agent, ticket: Ticket) -> Work:
    """All of it, in as many queries for much as for little."""
    seen = Ticket.objects.visible_to(agent)
    known = fields.values(ticket)
    following = followers.of(ticket)
    links = linking.links_of(ticket, agent)
    tied = {each.ticket.pk for each in links}
    same = merging.records(ticket.requester)
    others = seen.open().filter(requester__in=same).exclude(pk=ticket.pk).order_by("-updated")
    return Work(
        merged=list(seen.filter(merged_into=ticket).order_by("pk")),
        fields=[Value(field, known.get(field.code, "")) for field in fields.of(ticket)],
        links=links,
        messages=_messages(ticket),
        suggested=[other for other in others[:5] if other.pk not in tied],
        tasks=chores.tasks(ticket),
        spent=chores.spent(ticket),
        followers=following,
        is_followed=any(each.pk == agent.pk for each in following),
        forwards=forwarding.of(ticket),
        files=list(forwarding.showable_files(ticket)[:MOST_MESSAGES]),
        readings=chores.readings(ticket) if agent.sees_everything else [],
        verdicts=_verdicts(seen, same),
    )


def _verdicts(seen: QuerySet[Ticket], same: list[Customer]) -> list[Verdict]:
    """The newest of them, of all requests of this person that the agent may see."""
    said = Entry.objects.filter(
        ticket__in=seen.filter(requester__in=same), code__in=(returning.WORKS, returning.AGAIN)
    )
    rows: Any = said.values_list("ticket__number", "ticket__subject", "code", "at").order_by("-at", "-pk")
    return [Verdict(*row) for row in rows[:MOST_VERDICTS]]


def snoozes(ticket: Ticket) -> list[tuple[str, str, datetime]]:
    """Until when a ticket may be put away: the words, the value of the button, the moment."""
    if ticket.is_solved:
        return []
    names = {
        "later": pgettext("snooze", "Later today"),
        "tomorrow": pgettext("snooze", "Tomorrow morning"),
        "monday": pgettext("snooze", "Monday morning"),
    }
    now = clock.now().replace(second=0, microsecond=0).astimezone(timezone.get_current_timezone())
    return [
        (names[code], f"{moment:%Y-%m-%dT%H:%M}", moment) for code, moment in snoozing.offers(ticket, now)
    ]


def missing(ticket: Ticket) -> str:
    """Which fields must be filled before this ticket is solved, in a sentence; empty where none."""
    names = [field.name for field in fields.missing(ticket)]
    if not names:
        return ""
    text = ngettext(
        "Before it is solved, fill in this field: %(fields)s",
        "Before it is solved, fill in these fields: %(fields)s",
        len(names),
    )
    return text % {"fields": ", ".join(names)}


def obstacle(code: str) -> str:
    """Why two tickets cannot be merged, tied or split, or one be put away, in words."""
    return {
        "itself": _("This is the same ticket, or it goes on in this one."),
        "merged": _("One of the two goes on in another ticket already."),
        "other_customer": _(
            "The other ticket is of another customer. Say that the customer of this one takes part there,"
            " or link the two."
        ),
        "unreachable": _("The customer of this ticket has no mail address, so they cannot take part there."),
        "circle": _("The other one is part of this one already."),
        "parent": _("One of the two is part of another ticket, or has parts of its own."),
        "full": _("This ticket has very many links already."),
        "nothing": _("Only messages of a customer can be split off."),
        "several": _("These are words of several people: one would read what the other said."),
        "address": _("This is no mail address that can be written to."),
        "inside": _("This address is one of yours, or of the customer; ask somebody outside."),
        "many": _("Many people were asked about this ticket today; wait for their answers first."),
        "solved": _("A solved ticket is out of the lists already."),
        "late": _("The promise is due before that. Choose an earlier time, or move the promise first."),
        "alone": _("No other ticket is linked to this one; link the one you wait for first."),
    }.get(code, code)


def _messages(ticket: Ticket) -> list[Message]:
    said = Entry.objects.filter(ticket=ticket, kind__in=PUBLIC, automatic=False).order_by("-seq")
    rows: Any = said.values_list("seq", "kind", "words__new_text", "words__text")[:MOST_MESSAGES]
    return [
        Message(seq, kind == Entry.Kind.MESSAGE, " ".join((new or text or "").split())[:90])
        for seq, kind, new, text in rows
    ]
