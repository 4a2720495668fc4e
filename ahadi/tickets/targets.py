"""When the next answer is due by the company's own hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from ahadi.calendars import Calendar
from ahadi.lib import piece
from ahadi.people.models import Company, Team


def hours_of(team: Team | None, company: Company | None = None) -> Calendar:
    """The calendar of a team, or the company's."""
    if team is not None and team.working_hours is not None:
        return team.working_hours.calendar
    return (company or Company.current()).working_hours.calendar


def rhythm_of(team: Team | None, company: Company | None = None) -> timedelta:
    """The working time without news that no customer of a team has to go beyond."""
    own = team.news_rhythm if team is not None else None
    return own or (company or Company.current()).news_rhythm


def answer_due(team: Team | None, at: datetime) -> datetime:
    """When somebody has answered what was asked at this moment."""
    company = Company.current()
    return hours_of(team, company).add(at, int(company.first_answer.total_seconds()))


def is_beyond_answer(due: datetime, team: Team | None, at: datetime) -> bool:
    """Whether this is later than the answer to what was asked at this moment."""
    # Working time never runs faster than the clock: most need no more than this.
    if due <= at + Company.current().first_answer:
        return False
    # Who asks later is answered no sooner: for others of the same moment it was counted out already.
    key = (is_beyond_answer, team.pk if team is not None else None)
    asked, soonest = piece.once(key, lambda: (at, answer_due(team, at)))
    return (at < asked or due > soonest) and due > answer_due(team, at)


def news_due(team: Team | None, at: datetime) -> datetime:
    """The latest moment for news where nobody promised an earlier one."""
    company = Company.current()
    return hours_of(team, company).add(at, int(rhythm_of(team, company).total_seconds()))
