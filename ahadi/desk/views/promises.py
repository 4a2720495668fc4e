"""What an answer promises and how it reaches the customer: checked before it leaves."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ahadi.desk import sentences
from ahadi.desk.forms.ticket import ReplyForm
from ahadi.lib import clock
from ahadi.people.models import Agent
from ahadi.promises import preferences
from ahadi.tickets.models import Ticket


def check(ticket: Ticket, form: ReplyForm, against: str, by: Agent) -> None:
    """Refuse a promise beyond the rhythm, and a way the customer does not want without a reason."""
    if not form.is_valid():
        return
    given = form.cleaned_data
    if given["then"] != "solve":
        said = given.get("leaves") or clock.now()
        if too_long := sentences.too_long(ticket, given.get("due"), said):
            form.add_error("due", too_long)
    if form.errors:
        return
    try:
        preferences.respect(ticket, ticket.way_out, against, by=by)
    except preferences.Unwanted:
        form.add_error(None, _("The customer does not want to be reached this way. Say why you do it."))
