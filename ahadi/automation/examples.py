"""A small speaker, to show the door through which machines talk: it knows the opening hours only.

An assistant that answers from articles does the same: it is told what the customer wrote, and says what it
has to say through `speaking.speak`, which may answer with Silence.
"""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from ahadi.automation import speaking
from ahadi.automation.speaking import Silence
from ahadi.lib import clock
from ahadi.lib.folding import fold
from ahadi.tickets import targets
from ahadi.tickets.models import Entry, Ticket

ASKS_HOURS = ("open", "hours", "ساعت", "باز", "פתוח", "שעות", "deschis", "program", "saa", "wazi")


def answer(ticket: Ticket, said: str) -> Entry | Silence | None:
    """Say whether somebody is there, when that is asked; None for everything else, which is for people."""
    words = fold(said).split()
    if not any(word.strip("?؟.,!") in ASKS_HOURS for word in words):
        return None
    is_open = targets.hours_of(ticket.team).is_open(clock.now())
    with translation.override(ticket.language):
        text = _("We are open now.") if is_open else _("We are closed now.")
    return speaking.speak(ticket, "answer", text)
