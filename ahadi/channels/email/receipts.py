"""The receipt in a confirmation: whoever wrote to us holds the proof of it from the first minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from ahadi.channels.models import Delivery
from ahadi.tickets import sequencing

if TYPE_CHECKING:
    from ahadi.channels.email.letters import Letter

CONFIRMATION = "acknowledgement"


def of(delivery: Delivery) -> str:
    """The tlog-proof that goes with this mail: with confirmations, and only where it could be signed."""
    entry = delivery.entry
    if entry.code != CONFIRMATION:
        return ""
    return sequencing.receipt(entry.ticket, entry.seq) or ""


def mention(letter: Letter) -> None:
    """Say what the strange file is for."""
    said = _("The file with the ending .tlog-proof proves when you wrote to us. Check it here: %(link)s")
    letter.small = [*letter.small, said % {"link": f"\u2066{settings.AHADI_URL}/verify/\u2069"}]
