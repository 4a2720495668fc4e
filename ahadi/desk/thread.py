"""One ticket as the desk shows it: read in a fixed number of queries, however long the talk is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from ahadi.channels.models import Draft, Participant
from ahadi.desk import circle, codes, events, evidence, heard, reach, remarks, reports, sentences
from ahadi.desk.models import Sketch
from ahadi.desk.remarks import Remarks
from ahadi.desk.reports import Report
from ahadi.desk.sendings import SENDINGS, Sending
from ahadi.lib import clock
from ahadi.lib.html import text_to_html
from ahadi.lib.markup import to_html
from ahadi.lib.question import Question
from ahadi.people import merging
from ahadi.people.models import Agent, Customer
from ahadi.promises.models import Promise
from ahadi.tickets import erased, pictures
from ahadi.tickets.models import Attachment, Entry, Tag, Ticket

# A talk longer than this opens with its newest part; the rest is one click away.
NEWEST = 200
SOON = 0.75


class Read(NamedTuple):
    """One entry as the database knows it, in the order of the question; no words where they were erased."""

    pk: int
    seq: int
    kind: str
    code: str
    at: datetime
    channel: str
    automatic: bool
    agent: str | None
    customer: str | None
    address: str | None
    words: int | None
    text: str
    new_text: str
    has_html: bool | None
    data: dict[str, Any] | None


class Piece(NamedTuple):
    """A file of an entry."""

    entry: int
    pk: int
    name: str
    size: int
    is_inline: bool = False

    @property
    def address(self) -> str:
        """Where it is handed out."""
        return reverse("channels:attachment", args=[self.pk])


@dataclass(slots=True)
class Line:
    """One entry as it is read: words, or an event in a sentence."""

    entry: Read
    who: str
    sentence: events.Sentence | None = None
    text: Markup | str = ""
    quoted: Markup | str = ""
    has_html: bool = False
    remarks: Remarks | None = None
    held: str = ""
    writer: str = ""
    # What somebody decided about held words, as a code.
    settled: str = ""
    why: evidence.Why | None = None
    files: list[Piece] = field(default_factory=list)
    deliveries: list[Sending] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)


@dataclass
class View:
    """Everything the ticket's pane and the context beside it show."""

    ticket: Ticket
    lines: list[Line]
    is_cut: bool
    tags: str
    # The same tags with their colours.
    labels: list[tuple[Any, ...]]
    addresses: list[reach.Reach]
    earlier: list[tuple[Any, ...]]
    # Everything this person is known as, where that is more than one record.
    records: list[Customer]
    bar: Bar
    circle: circle.Circle
    # The ticket this one goes on from, if this agent may see it.
    follows: Ticket | None = None
    # How far the hearing has come, and the entry that says so.
    heard: tuple[str, int] = ("", 0)


@dataclass(frozen=True)
class Bar:
    """The promise under the ticket's head."""

    step: str
    said: str
    state: str = ""
    gone: int = 0


def find(agent: Agent, number: str) -> Ticket | None:
    """The ticket with all it names, if this agent may see it; the promise it carries comes along."""
    found = _TICKET[agent.sees_everything].objects(agent.pk, number)
    return found[0] if found else None


def view(agent: Agent, ticket: Ticket, everything: bool = False) -> View:
    """The whole of a ticket in a handful of queries."""
    since = 0 if everything else max(ticket.last_seq - NEWEST, 0)
    entries = [Read(*row) for row in _ENTRIES.rows(ticket.pk, since)]
    addresses = reach.addresses(ticket.requester)
    labels = _TAGS.rows(ticket.pk) if _has(ticket, "tags") else []
    return View(
        ticket=ticket,
        lines=_lines(ticket, entries, since),
        is_cut=bool(entries) and entries[0].seq > 1,
        tags=", ".join(name for name, _color in labels),
        labels=labels,
        addresses=addresses,
        earlier=_asked_before(agent, ticket),
        records=merging.records(ticket.requester) if ticket.requester.person_id else [],
        bar=_bar(ticket),
        circle=circle.of(ticket, [one.value for one in addresses], _heard(entries)),
        follows=_followed(agent, ticket),
        heard=heard.state(entries),
    )


def _has(ticket: Ticket, what: str) -> bool:
    """Most tickets have none: the question that found the ticket says so, and none is asked for them."""
    return bool(getattr(ticket, f"has_{what}", True))


def _asked_before(agent: Agent, ticket: Ticket) -> list[tuple[Any, ...]]:
    role, customer = agent.sees_everything, ticket.requester
    if customer.person_id is None:
        return _EARLIER[role].rows(agent.pk, customer.pk, ticket.pk)
    return _OF_PERSON[role].rows(agent.pk, customer.person_id, ticket.pk)


def _followed(agent: Agent, ticket: Ticket) -> Ticket | None:
    if ticket.follows_id is None:
        return None
    return Ticket.objects.visible_to(agent).filter(pk=ticket.follows_id).only("number", "subject").first()


def _heard(entries: list[Read]) -> list[dict[str, Any]]:
    """What came with the messages of people of the ticket; held words propose nobody."""
    return [entry.data for entry in entries if entry.kind == Entry.Kind.MESSAGE and entry.data]


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


def _lines(ticket: Ticket, entries: list[Read], since: int) -> list[Line]:
    files: dict[int, list[Piece]] = defaultdict(list)
    found = _FILES.rows(ticket.pk, since) if _has(ticket, "files") else []
    for piece in map(Piece._make, found):
        files[piece.entry].append(piece)
    lines = {entry.pk: _line(ticket, entry, files.get(entry.pk, [])) for entry in entries}
    for sending in map(Sending._make, SENDINGS.rows(ticket.pk, since)):
        lines[sending.entry].deliveries.append(sending)
    settled = {
        entry.data["released"]: entry.code.removeprefix("held_") or "released"
        for entry in entries
        if entry.data and "released" in entry.data
    }
    for line in lines.values():
        line.settled = settled.get(line.entry.seq, "") if line.held else ""
    return list(lines.values())


def _line(ticket: Ticket, entry: Read, files: list[Piece]) -> Line:
    data = entry.data or {}
    if entry.kind == Entry.Kind.EVENT:
        said = events.read(entry.code, data, entry.agent or "")
        return Line(entry, "", said._replace(text=codes.linked(said.text, ticket.number)))
    who = _who(ticket, entry)
    if entry.words is None:
        return Line(entry, who, text=_html(_("These words were erased as the law asks.")), files=files)
    if gone := erased.sentence(data):
        return Line(entry, who, text=_html(gone), files=files)
    if entry.code == "bounce":
        return Line(entry, who, quoted=_html(entry.text), reports=reports.read(data), files=files)
    text, new_text = entry.text, entry.new_text
    shown = new_text or text
    rest = (text[len(shown) :] if text.startswith(shown) else text if new_text else "").strip()
    is_theirs = entry.kind == Entry.Kind.MESSAGE or entry.automatic
    inside = [] if is_theirs else pictures.shown(shown, files)
    return Line(
        entry,
        who,
        text=codes.linked(_html(shown) if is_theirs else _marked(shown, inside), ticket.number),
        files=[file for file in files if file not in inside],
        quoted=_html(rest) if rest else "",
        has_html=bool(entry.has_html),
        remarks=remarks.read(data),
        held=sentences.held(data.get("held", "")) if entry.code == "held" else "",
        writer=str(data.get("held", "")),
        why=evidence.read(data),
    )


def _marked(text: str, inside: list[Piece]) -> Markup:
    places = {piece.name: piece.address for piece in inside}
    return Markup(to_html(text, places))  # noqa: S704 - it escapes every word itself


def _html(text: str) -> Markup:
    return Markup(text_to_html(text))  # noqa: S704 - it escapes every word itself


def _who(ticket: Ticket, entry: Read) -> str:
    if entry.agent is not None:
        return entry.agent
    if entry.customer is not None:
        return entry.customer or entry.address or ticket.number
    return "Ahadi"


def _bar(ticket: Ticket) -> Bar:
    if ticket.step_code == Ticket.Step.ENDED:
        return Bar(_("This talk was ended."), _("A lead looks at it again"), "none")
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


def _ticket(role: Agent.Role, agent: int, number: str) -> QuerySet[Any]:
    standing = Promise.objects.open().filter(ticket=OuterRef("pk"))
    return (
        Ticket.objects.visible_to(Agent(pk=agent, role=role))
        .filter(number=number)
        .select_related("requester__organization", "address", "team__working_hours", "assignee", "statement")
        .annotate(
            promise_made=Subquery(standing.values("made")[:1]),
            promised_by=Subquery(standing.values("made_by__name")[:1]),
            has_drafts=Exists(Draft.objects.filter(ticket=OuterRef("pk"))),
            has_sketches=Exists(Sketch.objects.filter(ticket=OuterRef("pk"), agent=agent)),
            has_others=Exists(Participant.objects.filter(ticket=OuterRef("pk"), removed=None)),
            has_circle=Exists(Participant.objects.filter(ticket=OuterRef("pk"))),
            has_tags=Exists(Ticket.tags.through.objects.filter(ticket=OuterRef("pk"))),
            has_files=Exists(Attachment.objects.filter(entry__ticket=OuterRef("pk"))),
        )
    )


def _entries(ticket: int, since: int) -> QuerySet[Any, Any]:
    return (
        Entry.objects.filter(ticket=ticket, seq__gt=since)
        .annotate(has_html=Q(words__html__gt=""))
        .order_by("seq")
        .values_list(
            "pk", "seq", "kind", "code", "at", "channel", "automatic",
            "agent__name", "customer__name", "address__shown",
            "words__pk", "words__text", "words__new_text", "has_html", "words__data",
        )
    )  # fmt: skip


def _earlier(role: Agent.Role, agent: int, customer: int, ticket: int) -> QuerySet[Any, Any]:
    return _others(role, agent, Q(requester=customer), ticket)


def _of_person(role: Agent.Role, agent: int, person: int, ticket: int) -> QuerySet[Any, Any]:
    return _others(role, agent, Q(requester__person=person), ticket)


def _others(role: Agent.Role, agent: int, of: Q, ticket: int) -> QuerySet[Any, Any]:
    asked = Ticket.objects.visible_to(Agent(pk=agent, role=role)).filter(of).exclude(pk=ticket)
    return asked.order_by("-opened").values_list("number", "subject", "status", "opened")[:10]


def _files(ticket: int, since: int) -> QuerySet[Any, Any]:
    asked = Attachment.objects.filter(entry__ticket=ticket, entry__seq__gt=since)
    return asked.order_by("pk").values_list("entry_id", "pk", "name", "size", "is_inline")


# One question for those who see everything, one for those who see their teams' tickets and their own.
SIGHT = {True: Agent.Role.LEAD, False: Agent.Role.AGENT}
_TICKET = {everything: Question(partial(_ticket, role)) for everything, role in SIGHT.items()}
_EARLIER = {everything: Question(partial(_earlier, role)) for everything, role in SIGHT.items()}
_OF_PERSON = {everything: Question(partial(_of_person, role)) for everything, role in SIGHT.items()}
_ENTRIES, _FILES = Question(_entries), Question(_files)
_TAGS = Question(lambda ticket: Tag.objects.filter(tickets=ticket).values_list("name", "color"))
