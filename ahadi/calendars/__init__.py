"""Business time, holidays and dates as people read them: pure functions."""

from ahadi.calendars.calendar import Calendar
from ahadi.calendars.plan import CalendarError

__all__ = ["Calendar", "CalendarError"]
