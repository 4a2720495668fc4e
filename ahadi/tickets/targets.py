"""When the next answer is due by the company's own hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from ahadi.calendars import Calendar
from ahadi.people.models import Company, Team

# No customer waits longer than this many working hours without news: three days of eight.
NEWS_RHYTHM = timedelta(hours=24)


def hours_of(team: Team | None, company: Company | None = None) -> Calendar:
    """The calendar of a team, or the company's."""
    if team is not None and team.working_hours is not None:
        return team.working_hours.calendar
    return (company or Company.current()).working_hours.calendar


def answer_due(team: Team | None, at: datetime) -> datetime:
    """When somebody has answered what was asked at this moment."""
    company = Company.current()
    return hours_of(team, company).add(at, int(company.first_answer.total_seconds()))


def news_due(team: Team | None, at: datetime) -> datetime:
    """The latest moment for news where nobody promised an earlier one."""
    return hours_of(team).add(at, int(NEWS_RHYTHM.total_seconds()))
