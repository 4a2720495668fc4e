"""The register without a gap, deadlines as the profile counts them, words as stamped, talks as ended."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from django.db.models import Count, Max

from ahadi.complaints import handling
from ahadi.complaints.models import Complaint, Ending, Register
from ahadi.complaints.profiles import Stage
from ahadi.ledger.audit import Fault
from ahadi.lib import store
from ahadi.tickets.ending import ENDED, STEP
from ahadi.tickets.erasure import TOMBSTONE
from ahadi.tickets.models import Entry, Ticket, Words


def audit() -> Iterator[Fault]:
    """Everything that does not hold; nothing where all does."""
    yield from _numbers()
    for complaint in Complaint.objects.select_related("ticket").prefetch_related("deadlines").iterator(500):
        yield from _deadlines(complaint)
        yield from _copies(complaint)
    yield from _endings()


def _numbers() -> Iterator[Fault]:
    given = {
        row["year"]: (row["count"], row["highest"])
        for row in Complaint.objects.values("year").annotate(count=Count("pk"), highest=Max("serial"))
    }
    register = dict(Register.objects.values_list("year", "last"))
    for year in sorted(given.keys() | register.keys()):
        count, highest = given.get(year, (0, 0))
        if not count == highest == register.get(year, 0):
            sentence = f"The register of {year} says {register.get(year, 0)}; {count} complaints are here."
            yield Fault("missing_number", str(year), sentence)


def _deadlines(complaint: Complaint) -> Iterator[Fault]:
    expected = handling.expected(complaint)
    kept = {deadline.stage: deadline.was or deadline.due for deadline in complaint.deadlines.all()}
    longest = handling.longest(complaint)
    for deadline in complaint.deadlines.all():
        if deadline.was is not None and (deadline.stage != Stage.DECISION or deadline.due != longest):
            kept[deadline.stage] = deadline.due
    if kept != expected:
        sentence = f"The deadlines of {complaint.number} are not those of its profile."
        yield Fault("moved_deadline", complaint.number, sentence)


def _copies(complaint: Complaint) -> Iterator[Fault]:
    words = Words.objects.filter(entry__ticket=complaint.ticket_id, entry__seq=1).first()
    is_there = words is not None and not words.data.get(TOMBSTONE)
    if words and is_there and sha256(words.text.encode()).hexdigest() != complaint.text_sha256:
        yield Fault("other_text", complaint.number, f"{complaint.number} was stamped over other words.")
    if complaint.copy_sha256:
        try:
            found = sha256(store.read(complaint.copy_sha256)).hexdigest()
        except OSError:
            found = ""
        if found != complaint.copy_sha256:
            sentence = f"The stamped copy of {complaint.number} is missing or was changed."
            yield Fault("other_copy", complaint.number, sentence)


def _endings() -> Iterator[Fault]:
    """A talk is ended exactly where a person wrote that letter, and no ticket carries the step by itself."""
    standing = Ending.objects.filter(lifted=None, ended__isnull=False).select_related("ticket")
    told = Entry.objects.filter(code=ENDED, kind=Entry.Kind.REPLY)
    for ending in standing.iterator(500):
        last = told.filter(ticket=ending.ticket_id).order_by("-seq").first()
        is_told = last is not None and last.agent_id == ending.ended_by_id
        is_erased = ending.ticket.entries.filter(code=TOMBSTONE).exists()
        if not (is_told and (is_erased or ending.ticket.step_code == STEP)):
            number = ending.ticket.number
            yield Fault("other_ending", number, f"{number} was not ended as its history tells.")
    for ticket in Ticket.objects.filter(step_code=STEP).exclude(endings__in=standing):
        yield Fault("other_ending", ticket.number, f"{ticket.number} is ended and nobody ended it.")
