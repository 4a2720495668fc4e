"""A talk that was ended for how it was led: what is said to it later is kept, and put before nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from ahadi.tickets.said import Said

if TYPE_CHECKING:
    from ahadi.tickets.models import Entry, Ticket

# The step of a ticket whose talk is ended, and entries that came afterwards.
STEP, AFTER = "ended", "after_end"
# The letters of it: a person sends them, and they answer nothing that was asked.
WARNED, ENDED, KEPT, LIFTED = LETTERS = ("talk_warned", "talk_ended", "talk_kept", "talk_lifted")
# Somebody who is forgotten leaves nothing to come back to.
OVER = (LIFTED, "erased")


class Ended(PermissionDenied):
    """This talk was ended; only a lead who looks at that again opens it."""


def keep(ticket: Ticket, said: Said) -> Entry:
    """Keep what the customer says after the end, word for word, without opening anything."""
    return ticket.append(replace(said, code=AFTER))


def guard(ticket: Ticket, said: Said, changes: Mapping[str, Any]) -> None:
    """Refuse whatever would open an ended talk by the way; raises Ended."""
    if ticket.step_code == STEP and changes.get("step_code", STEP) != STEP and said.code not in OVER:
        raise Ended(_("This talk was ended. It goes on when a lead who looks at it again says so."))
