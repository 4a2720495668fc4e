"""A formal complaint from the counter to the decision, and who may not touch it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation

from ahadi.complaints import audit, handling
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint, Register, Rules
from ahadi.complaints.profiles import Stage
from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEXT = "The line has been dead for six days. I ask for a technician and my money back."


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def management():
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="ro_og_27_2002")
    return team


def hand_in(**fields):
    return handling.take_in(Handed(address=make.address(), text=TEXT, subject="No line", **fields))


def test_a_complaint_gets_a_number_a_handler_and_its_deadlines(management):
    chief = make.lead("Elena Pop", teams=[management])

    complaint = hand_in()

    assert complaint.number == "2026/000001"
    assert complaint.handler == chief
    assert complaint.ticket.assignee == chief
    assert complaint.text_sha256 == sha256(TEXT.encode()).hexdigest()
    assert complaint.deadlines.get(stage=Stage.DECISION).due.date().isoformat() == "2026-12-23"
    assert complaint.ticket.status == Ticket.Status.OPEN
    assert complaint.ticket.due is not None


def test_numbers_have_no_gap_even_when_a_complaint_fails(management):
    hand_in()
    with transaction.atomic():
        hand_in()
        transaction.set_rollback(True)
    hand_in()

    assert sorted(Complaint.objects.values_list("serial", flat=True)) == [1, 2]
    assert list(audit.audit()) == []


def test_a_new_year_begins_at_one_on_the_clock_of_the_house(management):
    make.company(time_zone="Europe/Bucharest")
    with clock.at(datetime(2026, 12, 31, 21, 59, tzinfo=UTC)):
        last = hand_in()
    with clock.at(datetime(2026, 12, 31, 22, 1, tzinfo=UTC)):
        first = hand_in()

    assert (last.number, first.number) == ("2026/000001", "2027/000001")


def test_a_company_may_count_solar_years(management):
    Rules.objects.update(years=Rules.Years.JALALI)
    with clock.at(datetime(2027, 3, 20, 12, tzinfo=UTC)):
        last = hand_in()
    with clock.at(datetime(2027, 3, 21, 12, tzinfo=UTC)):
        first = hand_in()

    assert (last.number, first.number) == ("1405/000001", "1406/000001")


def test_nobody_judges_a_complaint_about_themselves(management):
    culprit, chief = make.lead("Jonas Berg", teams=[make.team(), management]), make.lead(teams=[management])
    about = make.ticket()
    about.reply("Please restart your modem.", by=culprit)

    complaint = hand_in(about=about)

    assert complaint.handler == chief
    assert not Complaint.objects.visible_to(culprit).exists()
    assert Complaint.objects.visible_to(chief).exists()
    with pytest.raises(PermissionDenied):
        handling.hand_to(complaint, culprit, by=chief)
    with pytest.raises(PermissionDenied):
        handling.decide(complaint, Complaint.Outcome.REJECTED, "All was right.", by=culprit)


def test_whoever_had_the_ticket_or_is_named_is_kept_out_too(management):
    owner, named = make.lead("Owen", teams=[management]), make.lead("Nora", teams=[management])
    about = make.ticket(assignee=owner)

    complaint = hand_in(about=about, against=[named])

    assert complaint.handler is None
    assert set(complaint.ticket.barred.all()) == {owner, named}


def test_those_who_run_the_house_see_no_complaint_unless_they_are_management(management):
    make.lead(teams=[management])
    complaint = hand_in()

    assert not Ticket.objects.visible_to(make.admin()).filter(pk=complaint.ticket.pk).exists()


def test_the_ticket_complained_about_says_so(management):
    about = make.ticket()

    complaint = hand_in(about=about)

    event = about.entries.get(code="complained")
    assert event.words.data == {"number": complaint.number}


def test_only_a_decision_ends_it(management):
    chief = make.lead(teams=[management])
    complaint = hand_in()

    for end in (
        lambda: complaint.ticket.solve(by=chief),
        lambda: complaint.ticket.reply("Done.", by=chief, solve=True),
        lambda: complaint.ticket.hand_to(make.team(), by=chief),
    ):
        with pytest.raises(PermissionDenied), transaction.atomic():
            end()
    assert Ticket.objects.get(pk=complaint.ticket.pk).status == Ticket.Status.OPEN


def test_the_decision_tells_where_to_turn_and_closes_every_deadline_it_meets(management):
    chief = make.lead(teams=[management])
    complaint = hand_in()

    entry = handling.decide(
        complaint, Complaint.Outcome.UPHELD, "You are right. A technician comes.", by=chief
    )

    assert entry.words.text.startswith("You are right.")
    assert "National Authority for Consumer Protection" in entry.words.text
    complaint.refresh_from_db()
    assert complaint.outcome == Complaint.Outcome.UPHELD
    assert complaint.deadlines.get(stage=Stage.DECISION).met == NOON
    assert complaint.ticket.is_solved


def test_what_stands_under_a_decision_is_in_the_customers_language(management):
    chief = make.lead("Elena Pop", teams=[management])
    complaint = handling.take_in(Handed(address=make.address(language="ro"), text="Linia.", language="ro"))

    with translation.override("fa"):
        handling.hold(complaint, "Mai durează.", by=chief)
        entry = handling.decide(complaint, Complaint.Outcome.UPHELD, "Aveți dreptate.", by=chief)

    assert "Autoritatea" in entry.words.text or "Protecția" in entry.words.text
    with pytest.raises(PermissionDenied):
        handling.decide(complaint, Complaint.Outcome.REJECTED, "Nu.", by=chief)


def test_a_holding_letter_gains_the_longest_time_once(management):
    chief = make.lead(teams=[management])
    complaint = hand_in()

    handling.hold(complaint, "The laboratory needs two more weeks.", by=chief)
    handling.hold(complaint, "It still does.", by=chief)

    decision = complaint.deadlines.get(stage=Stage.DECISION)
    assert decision.was is not None
    assert decision.was.date().isoformat() == "2026-12-23"
    assert decision.due.date().isoformat() == "2027-01-07"
    assert complaint.ticket.due == decision.due


def test_a_profile_without_an_extension_gains_nothing(management):
    Rules.objects.update(profile="uk_fca")
    chief = make.lead(teams=[management])
    complaint = hand_in()
    before = complaint.deadlines.get(stage=Stage.DECISION).due

    handling.hold(complaint, "We are still looking into it.", by=chief)

    assert complaint.deadlines.get(stage=Stage.DECISION).due == before


def test_another_profile_later_changes_nothing_that_was_taken_in(management):
    make.lead(teams=[management])
    complaint = hand_in()

    Rules.objects.update(profile="ir_agency")

    assert Complaint.objects.get(pk=complaint.pk).law.code == "ro_og_27_2002"
    assert list(audit.audit()) == []


def test_work_is_shared_among_management(management):
    make.lead("Elena", teams=[management])
    make.lead("Mihai", teams=[management])

    assert hand_in().handler != hand_in().handler


def test_a_house_that_has_chosen_nobody_makes_its_administrators_management():
    admin = make.admin()

    complaint = hand_in()

    assert complaint.handler == admin
    assert complaint.ticket.team.is_private


def test_the_audit_finds_a_missing_number_a_moved_deadline_and_other_words(management):
    make.lead(teams=[management])
    first = hand_in()
    Register.objects.update(last=2)
    first.deadlines.filter(stage=Stage.DECISION).update(due=NOON + timedelta(days=90))
    Complaint.objects.update(text_sha256="0" * 64)

    assert {fault.code for fault in audit.audit()} == {"missing_number", "moved_deadline", "other_text"}
