"""Some days after a solution the customer is asked, once, whether it still works."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from ahadi.channels import notices
from ahadi.channels.email import news
from ahadi.channels.models import Withheld
from ahadi.channels.reactions import can_mail
from ahadi.lib import clock
from ahadi.promises.returning import WORKS
from ahadi.tickets import wishes
from ahadi.tickets.models import Entry, Ticket

CODE = "asked_after"
# Soon enough to remember, late enough to know; whoever was away for longer is not asked any more.
AFTER, UNTIL = timedelta(days=5), timedelta(days=12)
AT_ONCE = 100


def ask() -> int:
    """Ask those who are to be asked now; says how many were."""
    now = clock.now()
    said = Entry.objects.filter(ticket=OuterRef("pk"), code__in=(CODE, WORKS), at__gte=OuterRef("solved"))
    withheld = Withheld.objects.filter(ticket=OuterRef("pk"), code=CODE)
    due = Ticket.objects.filter(
        ~Exists(said),
        ~Exists(withheld),
        # Solved is never later than the last change, and only changes are in order.
        updated__gte=now - UNTIL,
        status=Ticket.Status.SOLVED,
        solved__range=(now - UNTIL, now - AFTER),
        merged_into=None,
        address__isnull=False,
    ).select_related("address", "requester")
    return sum(_ask(ticket) for ticket in due.order_by("solved")[:AT_ONCE])


@transaction.atomic
def _ask(ticket: Ticket) -> bool:
    ticket.lock()
    if not ticket.is_solved or ticket.address is None or not can_mail(ticket.address):
        return False
    # An automatic message began it: nobody is there who could answer.
    if not Entry.objects.filter(ticket=ticket, kind=Entry.Kind.MESSAGE, automatic=False).exists():
        return False
    if wishes.only_if_late(ticket):
        return False
    return notices.say(ticket, CODE, lambda: news.letter(ticket, CODE, {}), {}) is not None
