"""One ticket as the desk shows it: read in a fixed number of queries, however long the talk is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from markupsafe import Markup

from ahadi.channels.models import Delivery
from ahadi.desk import sentences
from ahadi.lib import clock
from ahadi.lib.html import text_to_html
from ahadi.people.models import Address, Agent
from ahadi.promises.models import Promise
from ahadi.tickets.models import Attachment, Entry, Ticket

# A talk longer than this opens with its newest part; the rest is one click away.
NEWEST = 200
SOON = 0.75


@dataclass
class Line:
    """One entry as it is read: words, or an event in a sentence."""

    entry: Entry
    who: str
    sentence: sentences.Sentence | None = None
    text: Markup | str = ""
    quoted: Markup | str = ""
    has_html: bool = False
    held: str = ""
    is_released: bool = False
    evidence: str = ""
    files: list[Attachment] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass
class View:
    """Everything the ticket's pane and the context beside it show."""

    ticket: Ticket
    lines: list[Line]
    is_cut: bool
    tags: str
    addresses: list[Address]
    earlier: list[tuple[Any, ...]]
    bar: Bar


@dataclass(frozen=True)
class Bar:
    """The promise under the ticket's head."""

    step: str
    said: str
    state: str = ""
    gone: int = 0


def find(agent: Agent, number: str) -> Ticket | None:
    """The ticket with all it names, if this agent may see it; the promise it carries comes along."""
    standing = Promise.objects.open().filter(ticket=OuterRef("pk"))
    return (
        Ticket.objects.visible_to(agent)
        .filter(number=number)
        .select_related("requester__organization", "address", "team__working_hours", "assignee", "statement")
        .annotate(
            promise_made=Subquery(standing.values("made")[:1]),
            promised_by=Subquery(standing.values("made_by__name")[:1]),
        )
        .first()
    )


def view(agent: Agent, ticket: Ticket, everything: bool = False) -> View:
    """The whole of a ticket in six queries."""
    entries = _entries(ticket, everything)
    is_cut = bool(entries) and entries[0].seq > 1
    earlier = (
        Ticket.objects.visible_to(agent)
        .filter(requester=ticket.requester_id)
        .exclude(pk=ticket.pk)
        .order_by("-opened")
        .values_list("number", "subject", "status", "opened")[:10]
    )
    return View(
        ticket=ticket,
        lines=_lines(ticket, entries),
        is_cut=is_cut,
        tags=", ".join(ticket.tags.values_list("name", flat=True)),
        addresses=list(Address.objects.filter(customer=ticket.requester_id)),
        earlier=list(earlier),
        bar=_bar(ticket),
    )


def newer(ticket: Ticket, seq: int) -> list[Entry]:
    """What was said to or by the customer after an entry; automatic words do not count."""
    said = ticket.entries.filter(
        seq__gt=seq, automatic=False, kind__in=(Entry.Kind.MESSAGE, Entry.Kind.REPLY)
    )
    return list(said.select_related("agent", "customer").order_by("seq"))


def local_time(ticket: Ticket) -> datetime | None:
    """What the customer's own clock says, where their zone is known."""
    zone = ticket.requester.time_zone
    return clock.now().astimezone(ZoneInfo(zone)) if zone else None


def _entries(ticket: Ticket, everything: bool) -> list[Entry]:
    asked = ticket.entries.select_related("words", "agent", "customer", "address").order_by("-seq")
    return list(asked if everything else asked[:NEWEST])[::-1]


def _lines(ticket: Ticket, entries: list[Entry]) -> list[Line]:
    keys = [entry.pk for entry in entries]
    lines = {entry.pk: _line(ticket, entry) for entry in entries}
    for file in Attachment.objects.filter(entry__in=keys).order_by("pk"):
        lines[file.entry_id].files.append(file)
    for delivery in Delivery.objects.filter(entry__in=keys).select_related("address").order_by("pk"):
        lines[delivery.entry_id].deliveries.append(delivery)
    released = {entry.words.data.get("released") for entry in entries if hasattr(entry, "words")}
    for line in lines.values():
        line.is_released = bool(line.held) and line.entry.seq in released
    return list(lines.values())


def _line(ticket: Ticket, entry: Entry) -> Line:
    words = getattr(entry, "words", None)
    data = words.data if words else {}
    if entry.kind == Entry.Kind.EVENT:
        return Line(entry, "", sentences.read(entry.code, data, entry.agent.name if entry.agent else ""))
    if words is None:
        return Line(entry, _who(ticket, entry), text=_html(_("These words were erased.")))
    shown = words.shown_text
    rest = words.text[len(shown) :] if words.text.startswith(shown) else words.text if words.new_text else ""
    return Line(
        entry,
        _who(ticket, entry),
        text=_html(shown),
        quoted=_html(rest.strip()) if rest.strip() else "",
        has_html=bool(words.html),
        held=sentences.held(data.get("held", "")) if entry.code == "held" else "",
        evidence=sentences.evidence(data.get("evidence") or {}) if entry.seq > 1 else "",
    )


def _html(text: str) -> Markup:
    return Markup(text_to_html(text))  # noqa: S704 - it escapes every word itself


def _who(ticket: Ticket, entry: Entry) -> str:
    if entry.agent:
        return entry.agent.name
    if entry.customer:
        return entry.customer.name or (entry.address.shown if entry.address else "") or ticket.number
    return "Ahadi"


def _bar(ticket: Ticket) -> Bar:
    if ticket.is_solved or ticket.due is None:
        return Bar(_("Solved: no promise is open"), _("Nothing is owed to the customer"), "none")
    now = clock.now()
    made = getattr(ticket, "promise_made", None) or ticket.updated
    length = (ticket.due - made) / timedelta(seconds=1)
    gone = (now - made) / timedelta(seconds=1) / length if length > 0 else 1.0
    state = "broken" if ticket.due <= now else "soon" if gone >= SOON else ""
    by = getattr(ticket, "promised_by", None)
    owner = ticket.assignee.name if ticket.assignee else ticket.team.name
    if by and by == owner:
        said = _("%(name)s promised") % {"name": owner}
    elif ticket.assignee:
        said = _("%(name)s owns the next step") % {"name": owner}
    else:
        said = _("The team %(team)s owns the next step") % {"team": owner}
    return Bar(sentences.step(ticket), said, state, int(min(gone, 1) * 100))
