"""How the ways of an entry to its readers stand, as its writer is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from ahadi.channels.email import failures
from ahadi.channels.models import Delivery
from ahadi.lib import clock
from ahadi.lib.question import Question
from ahadi.ui import filters

State = Delivery.State
# Servers ask for patience all the time; only what lasts is worth a word (rule E-73).
PATIENCE = timedelta(hours=1)


class Sending(NamedTuple):
    """One way an entry went, or goes."""

    entry: int
    pk: int
    state: str
    error: str
    address: str | None
    created: datetime
    sent: datetime | None

    @property
    def says(self) -> str:
        """What became of it, in words."""
        if self.state == State.SENT and self.sent:
            return _("Sent %(time)s") % {"time": filters.short_when(self.sent)}
        if self.state == State.SENT:
            return _("Arrived, as a colleague confirmed")
        if self.state in (State.QUEUED, State.SENDING) and self.troubles:
            return _("Not sent yet, for more than an hour")
        return str(State(self.state).label)

    @property
    def troubles(self) -> bool:
        """Something about it is to be told: it failed, may have, or does not get on."""
        if self.state in (State.FAILED, State.UNKNOWN):
            return True
        waits = self.state in (State.QUEUED, State.SENDING)
        return waits and bool(self.error) and clock.now() - self.created > PATIENCE

    @property
    def failure(self) -> failures.Failure:
        """Why, and what to do about it."""
        if self.state == State.UNKNOWN:
            return failures.TABLE["broken"]
        return failures.read(self.error)

    @property
    def icon(self) -> str:
        """Its sign."""
        if self.troubles:
            return "triangle-alert"
        return {State.SENT: "check-check", State.KEPT: "eye"}.get(State(self.state), "clock")


def _sendings(ticket: int, since: int) -> QuerySet[Any, Any]:
    asked = Delivery.objects.filter(entry__ticket=ticket, entry__seq__gt=since)
    return asked.order_by("pk").values_list(
        "entry_id", "pk", "state", "last_error", "address__shown", "created", "sent"
    )


SENDINGS = Question(_sendings)
