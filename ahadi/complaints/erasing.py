"""Complaints and forgetting: what is not decided yet is needed, so it is not destroyed (GDPR, 17(3))."""

from __future__ import annotations

from ahadi.complaints.models import Complaint
from ahadi.tickets.erasure import Matter


def is_undecided(matter: Matter) -> bool:
    """A complaint of theirs waits for its decision."""
    return matter.rows(Complaint).filter(decided=None).exists()
