"""A complaint and somebody who wants to be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ahadi.complaints import audit, handling
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint, Rules
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.people.models import Team
from ahadi.testing import make
from ahadi.tickets import audit as tickets_audit
from ahadi.tickets import erasure
from ahadi.tickets.models import Erasure

pytestmark = pytest.mark.django_db


@pytest.fixture
def complaint(settings, tmp_path):
    settings.AHADI_FILES = tmp_path
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="ro_og_27_2002")
    make.lead(teams=[team])
    with clock.at(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        yield handling.take_in(Handed(address=make.address(), text="No line.", subject="No line"))


def forget(complaint: Complaint) -> None:
    requester = complaint.ticket.requester
    wanted = Erasure.objects.create(customer=requester, reason="withdrawn", asked_by=make.admin("Ada Stone"))
    erasure.confirm(wanted, make.admin("Jon Hall"))


def test_what_is_not_decided_is_not_destroyed(complaint):
    with pytest.raises(erasure.Held):
        forget(complaint)


def test_what_is_decided_goes_and_the_register_keeps_its_number(complaint):
    number = complaint.number
    handling.decide(complaint, Complaint.Outcome.UPHELD, "You are right.", by=complaint.handler)
    # The stamped copies are drawn.
    jobs.run_due()

    forget(complaint)
    jobs.run_due()

    complaint.refresh_from_db()
    assert (complaint.number, complaint.text_sha256, complaint.copy_sha256) == (number, "", "")
    assert [*audit.audit(), *tickets_audit.audit()] == []
