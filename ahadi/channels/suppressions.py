"""Addresses that no machine writes to: learnt from refusals, forgotten when somebody writes from them."""

from __future__ import annotations

from datetime import timedelta

from ahadi.channels.email import failures
from ahadi.channels.models import Suppression
from ahadi.lib import clock
from ahadi.people.models import Address, Agent

# Rule E-46: so long, because mailboxes that were closed by mistake come back.
LASTS = timedelta(days=60)
# A full or blocked mailbox exists; in these nobody reads anything.
GONE = {"userunknown", "hostunknown", "hasmoved"}


def begin(address: Address, reason: str, said: str = "") -> Suppression:
    """Leave an address in peace from now on; a new refusal makes it longer."""
    now = clock.now()
    given = {"reason": reason, "said": said[:2000], "since": now, "until": now + LASTS}
    found, _created = Suppression.objects.update_or_create(address=address, lifted=None, defaults=given)
    return found


def lift(address: Address, by: Agent | None = None) -> None:
    """Let automatic mail go there again."""
    Suppression.objects.filter(address=address, lifted=None).update(lifted=clock.now(), lifted_by=by)


def learn(address: Address, error: str) -> None:
    """Leave an address in peace whose server said that there is no such mailbox."""
    if failures.read(error).code in GONE:
        begin(address, Suppression.Reason.MAILBOX, error)
