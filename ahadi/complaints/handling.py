"""The way of a formal complaint: taken in, handed to somebody it is not about, answered, decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.complaints import letters, register
from ahadi.complaints.models import Complaint, Deadline, Rules
from ahadi.complaints.profiles import PROFILES, Profile, Since, Stage
from ahadi.complaints.terms import Term, end
from ahadi.lib import clock
from ahadi.people.models import Address, Agent, Company, Team
from ahadi.tickets import intake
from ahadi.tickets.intake import Inbound
from ahadi.tickets.models import Entry, Ticket
from ahadi.tickets.said import File

# Events that would end a complaint or take it out of management's hands.
OVER = ("solution", "solved", "merged", "team", "talk_ended")


@dataclass(frozen=True)
class Handed:
    """A complaint as somebody handed it in; `statement` as on the form, `text` all of it as one."""

    address: Address
    text: str
    subject: str = ""
    statement: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    channel: str = "form"
    about: Ticket | None = None
    # Who it is about, beside everybody who had to do with the ticket.
    against: Sequence[Agent] = ()
    files: Sequence[File] = ()
    at: datetime | None = None
    # Whoever wrote it down for the customer.
    by: Agent | None = None


@transaction.atomic
def take_in(handed: Handed) -> Complaint:
    """Open the complaint's own ticket with its incoming number, its deadlines and somebody to handle it."""
    rules = Rules.founded()
    entry = _open(handed, rules)
    ticket, now = entry.ticket, clock.now()
    number = register.take(now, Company.current().working_hours.calendar.zone, rules.years)
    complaint = Complaint.objects.create(
        ticket=ticket,
        about=handed.about,
        year=number.year,
        serial=number.serial,
        profile=rules.profile,
        received=entry.at,
        registered=now,
        text_sha256=sha256(handed.text.encode()).hexdigest(),
    )
    Deadline.objects.bulk_create(_deadlines(complaint))
    ticket.barred.set(_partial(handed))
    data = {"number": complaint.number, "profile": complaint.profile}
    ticket.change("complaint", data | ({"about": handed.about.number} if handed.about else {}), handed.by)
    if handed.about is not None:
        handed.about.change("complained", {"number": complaint.number}, None)
    if handler := least_busy(complaint):
        hand_to(complaint, handler, by=None)
    return complaint


def eligible(complaint: Complaint) -> QuerySet[Agent]:
    """Members of management whom the complaint is not about."""
    members = Agent.objects.filter(teams=complaint.ticket.team, is_active=True)
    return members.exclude(pk__in=complaint.ticket.barred.values("pk")).order_by("name", "pk")


def least_busy(complaint: Complaint) -> Agent | None:
    """Whoever of them handles the fewest; None where it is about all of them."""
    standing = Count("complaints", filter=Q(complaints__decided=None))
    return eligible(complaint).annotate(standing=standing).order_by("standing", "pk").first()


@transaction.atomic
def hand_to(complaint: Complaint, handler: Agent, *, by: Agent | None) -> Entry:
    """Name the person who handles it; raises PermissionDenied for somebody it is about."""
    if not eligible(complaint).filter(pk=handler.pk).exists():
        raise PermissionDenied(_("A complaint is handled by management, and by nobody it is about."))
    complaint.handler = handler
    complaint.save(update_fields=["handler"])
    return complaint.ticket.assign(handler, by=by)


@transaction.atomic
def acknowledge(complaint: Complaint) -> None:
    """The letter that confirms it and names its handler is on its way."""
    _meet(complaint, clock.now(), Stage.ACKNOWLEDGEMENT)


def hold(complaint: Complaint, letter: str, *, by: Agent) -> Entry:
    """Write why it takes longer; where the profile allows it, once, the decision gains its longest time."""
    _check(complaint, by)
    decision, latest = complaint.deadlines.get(stage=Stage.DECISION), longest(complaint)
    gains = latest is not None and decision.was is None
    # Drawn before, so that nobody waits for it while the ticket is held.
    due = latest if latest is not None and gains else decision.due
    paper = letters.holding(complaint, letter, due, by=by)
    with transaction.atomic():
        _check_open(complaint)
        if gains:
            # Two of management may write at once: the time is gained once.
            moved = {"was": decision.due, "due": due}
            Deadline.objects.filter(pk=decision.pk, was=None).update(**moved)
        complaint.held = clock.now()
        complaint.save(update_fields=["held"])
        with translation.override(complaint.ticket.language):
            step = _("We decide about your complaint")
        ahead = due if due > clock.now() else None
        entry = complaint.ticket.reply(letter, by=by, step=step, due=ahead, files=[paper])
        complaint.ticket.change("complaint_held", {"due": due.isoformat()}, by)
    return entry


def decide(complaint: Complaint, outcome: str, letter: str, *, by: Agent) -> Entry:
    """Management's answer, with the way to go on elsewhere under it; the only end of a complaint."""
    _check(complaint, by)
    # In the language of whoever reads it, not of whoever decides.
    with translation.override(complaint.ticket.language):
        elsewhere = str(complaint.elsewhere)
    text = letter.rstrip() + (f"\n\n{elsewhere}" if elsewhere and elsewhere not in letter else "")
    paper = letters.decision(complaint, outcome, letter.rstrip(), by=by)
    with transaction.atomic():
        _check_open(complaint)
        complaint.outcome, complaint.decided = outcome, clock.now()
        complaint.save(update_fields=["outcome", "decided"])
        _meet(complaint, complaint.decided, Stage.DECISION, Stage.FORWARD, Stage.EARLY)
        complaint.ticket.change("complaint_decided", {"outcome": outcome}, by)
        return complaint.ticket.reply(text, by=by, solve=True, files=[paper])


@transaction.atomic
def keep_out(complaint: Complaint, person: Agent, *, by: Agent) -> Entry:
    """Take somebody out whom it is about; where they handled it, the least busy of the others does."""
    _check(complaint, by)
    complaint.ticket.barred.add(person)
    entry = complaint.ticket.change("complaint_kept_out", {"name": person.name}, by)
    if complaint.handler_id == person.pk:
        other = least_busy(complaint)
        if other is not None:
            hand_to(complaint, other, by=None)
        else:
            complaint.handler = None
            complaint.save(update_fields=["handler"])
            complaint.ticket.assign(None, by=None)
    return entry


def register_of(agent: Agent) -> QuerySet[Complaint]:
    """What this member of management may see: what stands by its deadline, then what is over."""
    decision = Deadline.objects.filter(complaint=OuterRef("pk"), stage=Stage.DECISION)
    return (
        Complaint.objects.visible_to(agent)
        .select_related("ticket__requester", "handler")
        .prefetch_related("deadlines")
        .annotate(due=Subquery(decision.values("due")[:1]))
        .order_by(F("decided").asc(nulls_first=True), "due", "-year", "-serial")
    )


def decision_due(complaint: Complaint) -> datetime:
    """The last moment for the decision."""
    return complaint.deadlines.get(stage=Stage.DECISION).due


def guard(entry: Entry) -> None:
    """A complaint leaves management, or ends, by its decision alone; raises PermissionDenied."""
    if entry.code not in OVER:
        return
    if Complaint.objects.standing().filter(pk=entry.ticket_id).exists():
        raise PermissionDenied(_("A formal complaint ends with the decision of management."))


def _open(handed: Handed, rules: Rules) -> Entry:
    return intake.receive(
        Inbound(
            channel=handed.channel,
            address=handed.address,
            subject=handed.subject,
            text=handed.text,
            new_text=handed.text,
            language=handed.language,
            files=handed.files,
            statement=handed.statement,
            team=rules.team,
            at=handed.at,
            # Its own letter names the incoming number and the handler.
            data={"complaint": True, "no_acknowledgement": True},
        )
    ).entry


def _partial(handed: Handed) -> list[Agent]:
    """Who cannot judge: whoever had the ticket or wrote on it, and whoever is named."""
    found = {agent.pk: agent for agent in handed.against}
    if handed.about is not None:
        entries = Q(entries__ticket=handed.about)
        owners = Q(pk=handed.about.assignee_id) | Q(promises__ticket=handed.about)
        found |= {agent.pk: agent for agent in Agent.objects.filter(entries | owners).distinct()}
    return list(found.values())


def _deadlines(complaint: Complaint) -> list[Deadline]:
    law = PROFILES[complaint.profile]
    return [
        Deadline(
            complaint=complaint,
            stage=step.stage,
            due=_end(law, step.term, _begin(complaint, step.stage)),
            is_binding=step.is_binding,
        )
        for step in law.steps
    ]


def expected(complaint: Complaint) -> dict[str, datetime]:
    """What the deadlines are by the profile alone, to compare with what is kept."""
    return {str(deadline.stage): deadline.due for deadline in _deadlines(complaint)}


def longest(complaint: Complaint) -> datetime | None:
    """The last moment that a letter may gain for the decision; None where the profile gives nothing."""
    term = complaint.law.longest
    return _end(complaint.law, term, _begin(complaint, Stage.DECISION)) if term else None


def _begin(complaint: Complaint, stage: Stage) -> datetime:
    step = complaint.law.step(stage)
    is_by_number = step is not None and step.since is Since.REGISTRATION
    return complaint.registered if is_by_number else complaint.received


def _end(law: Profile, term: Term, start: datetime) -> datetime:
    return end(term, start, Company.current().working_hours.calendar, law.weekend)


def _meet(complaint: Complaint, at: datetime, *stages: Stage) -> None:
    complaint.deadlines.filter(stage__in=stages, met=None).update(met=at)


def _check(complaint: Complaint, by: Agent) -> None:
    if not eligible(complaint).filter(pk=by.pk).exists():
        raise PermissionDenied(_("A complaint is handled by management, and by nobody it is about."))


def _check_open(complaint: Complaint) -> None:
    # Two of management may press the button at once: whoever is second hears it.
    complaint.ticket.lock()
    complaint.refresh_from_db(fields=["decided"])
    if complaint.decided is not None:
        raise PermissionDenied(_("It was decided already; nothing was sent again."))


def management(agent: Agent) -> bool:
    """Whether somebody is of those who handle complaints at all."""
    team: Team | None = Rules.current().team
    return team is not None and team.agents.filter(pk=agent.pk).exists()
