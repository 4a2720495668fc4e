"""What time does to complaints: stages that people have met, and last moments that passed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ahadi.complaints import ending
from ahadi.complaints.models import Deadline
from ahadi.complaints.profiles import Stage
from ahadi.lib import clock
from ahadi.tickets.models import Entry, Ticket

# Met by the first word of a person to the customer, whichever way it went.
BY_A_PERSON = (Stage.HUMAN, Stage.CALL_BACK)


def attend() -> int:
    """Take every step that is due now; returns how many last moments passed unmet."""
    for deadline in Deadline.objects.filter(stage__in=BY_A_PERSON, met=None):
        if at := _first_word(deadline):
            Deadline.objects.filter(pk=deadline.pk, met=None).update(met=at)
    ending.lapse()
    passed = Deadline.objects.filter(is_binding=True, met=None, escalated=None, due__lt=clock.now())
    return sum(_escalate(key) for key in passed.values_list("pk", flat=True))


def _first_word(deadline: Deadline) -> datetime | None:
    said = Entry.objects.filter(ticket=deadline.complaint_id, kind=Entry.Kind.REPLY, automatic=False)
    return said.order_by("seq").values_list("at", flat=True).first()


@transaction.atomic
def _escalate(key: int) -> int:
    """Say once that a last moment has passed, on the complaint and by its event to management."""
    ticket = Ticket.objects.get(complaint__deadlines=key)
    ticket.lock()
    # Whoever was first has said it.
    if not Deadline.objects.filter(pk=key, met=None, escalated=None).update(escalated=clock.now()):
        return 0
    deadline = Deadline.objects.select_related("complaint").get(pk=key)
    data = {
        "number": deadline.complaint.number,
        "stage": deadline.stage,
        "due": deadline.due.isoformat(),
    }
    ticket.change("complaint_late", data, None, priority=Ticket.Priority.URGENT)
    return 1
