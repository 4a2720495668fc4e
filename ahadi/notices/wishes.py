"""What an agent wants to be told about, on which ways, and when they are left in peace."""

from __future__ import annotations

from datetime import datetime

from ahadi.lib import clock
from ahadi.notices.models import Notice
from ahadi.people.models import Agent
from ahadi.tickets import targets

Reason = Notice.Reason
KEY = "notices"
# In the list and beside the bell; a window of the system; a closed browser; a mail that gathers several.
DESK, DESKTOP, PUSH, MAIL = "desk", "desktop", "push", "mail"
WAYS = (DESK, DESKTOP, PUSH, MAIL)
USUAL: dict[str, list[str]] = {
    Reason.ASSIGNED: [DESK, DESKTOP, MAIL],
    Reason.MENTIONED: [DESK, DESKTOP, PUSH, MAIL],
    Reason.ANSWERED: [DESK, DESKTOP],
    Reason.PROMISE: [DESK, DESKTOP, PUSH, MAIL],
    Reason.FOLLOWED: [DESK],
}


def ways(agent: Agent, reason: str) -> list[str]:
    """The ways on which an agent is told of something."""
    chosen = agent.preferences.get(KEY, {}).get("ways", {})
    return list(chosen.get(reason, USUAL[reason]))


def keeps_quiet(agent: Agent) -> bool:
    """Whether mails, pushes and windows wait for this agent's working time."""
    return bool(agent.preferences.get(KEY, {}).get("quiet", True))


def is_quiet(agent: Agent, now: datetime | None = None) -> bool:
    """Whether an agent is left in peace at this moment."""
    if not keeps_quiet(agent):
        return False
    calendars = [targets.hours_of(team) for team in agent.teams.select_related("working_hours")]
    return not any(calendar.is_open(now or clock.now()) for calendar in calendars or [targets.hours_of(None)])


def choose(agent: Agent, chosen: dict[str, list[str]], quiet: bool) -> None:
    """Remember what an agent wants."""
    agent.preferences = {**agent.preferences, KEY: {"ways": chosen, "quiet": quiet}}
    agent.save(update_fields=["preferences"])
