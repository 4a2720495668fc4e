"""Management handles a complaint to its end; nobody else finds it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ahadi.complaints import handling, papers
from ahadi.complaints.handling import Handed
from ahadi.complaints.models import Complaint, Rules
from ahadi.lib import clock
from ahadi.people.models import Team
from ahadi.testing import make

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def management():
    team = Team.objects.create(name="Management", is_private=True)
    Rules.objects.create(pk=1, team=team, profile="ro_og_27_2002")
    return team


@pytest.fixture
def chief(management):
    return make.lead("Elena Pop", teams=[management])


@pytest.fixture
def complaint(chief):
    return handling.take_in(
        Handed(address=make.address(name="Ioana Pop"), text="The line is dead.", subject="No line")
    )


def page(client, agent, complaint, part=""):
    client.force_login(agent)
    return client.get(f"/desk/complaints/{complaint.year}/{complaint.serial}/{part}")


def send(client, agent, complaint, part, **fields):
    client.force_login(agent)
    return client.post(f"/desk/complaints/{complaint.year}/{complaint.serial}/{part}/", fields)


def test_the_register_shows_number_handler_and_time(client, chief, complaint):
    client.force_login(chief)

    shown = client.get("/desk/complaints/").content.decode()

    assert complaint.number in shown
    assert "Elena Pop" in shown
    assert "23 Dec" in shown


def test_an_empty_register_says_how_one_begins(client, chief):
    client.force_login(chief)

    assert "No complaints" in client.get("/desk/complaints/").content.decode()


def test_a_complaint_shows_the_words_the_times_and_the_acts(client, chief, complaint):
    shown = page(client, chief, complaint).content.decode()

    assert "The line is dead." in shown
    assert "Ioana Pop" in shown
    assert "Send the decision" in shown


@pytest.mark.parametrize("maker", [make.agent, make.lead, make.admin])
def test_for_everybody_else_it_does_not_exist(client, complaint, maker):
    stranger = maker("Stranger Danger")

    assert page(client, stranger, complaint).status_code == 404
    assert client.get("/desk/complaints/").status_code == 404
    assert send(client, stranger, complaint, "decision", outcome="rejected", letter="No.").status_code == 404


def test_a_member_of_management_whom_it_is_about_finds_nothing(client, management, complaint):
    culprit = make.lead("Jonas Berg", teams=[management])
    complaint.ticket.barred.add(culprit)

    assert page(client, culprit, complaint).status_code == 404
    shown = client.get("/desk/complaints/").content.decode()
    assert complaint.number not in shown


def test_a_decision_needs_an_outcome_and_a_letter_and_keeps_what_was_typed(client, chief, complaint):
    answer = send(client, chief, complaint, "decision", letter="You are right.")

    assert answer.status_code == 422
    assert "Choose what is decided." in answer.content.decode()
    assert "You are right." in answer.content.decode()
    assert not Complaint.objects.exclude(decided=None).exists()


def test_management_decides_once(client, chief, complaint):
    first = send(client, chief, complaint, "decision", outcome="upheld", letter="You are right.")
    again = send(client, chief, complaint, "decision", outcome="rejected", letter="No.")

    assert (first.status_code, again.status_code) == (302, 302)
    assert Complaint.objects.get().outcome == "upheld"
    assert complaint.ticket.entries.filter(kind="reply").count() == 1


def test_a_letter_says_why_it_takes_longer(client, chief, complaint):
    answer = send(client, chief, complaint, "letter", letter="The laboratory needs two weeks.")

    assert answer.status_code == 302
    assert handling.decision_due(complaint).date().isoformat() == "2027-01-07"


def test_it_is_handed_to_a_colleague_of_management_only(client, management, chief, complaint):
    other, outsider = make.lead("Mihai", teams=[management]), make.lead("Olga")

    refused = send(client, chief, complaint, "handler", handler=outsider.pk)
    send(client, chief, complaint, "handler", handler=other.pk)

    assert refused.status_code == 422
    assert Complaint.objects.get().handler == other


def test_whoever_turns_out_to_be_concerned_is_kept_out_and_somebody_else_takes_over(
    client, management, chief, complaint
):
    other = make.lead("Mihai", teams=[management])

    answer = send(client, chief, complaint, "exclusion", person=chief.pk)

    assert answer["Location"] == "/desk/complaints/"
    assert Complaint.objects.get().handler == other
    assert page(client, chief, complaint).status_code == 404


def test_both_papers_are_there(client, chief, complaint):
    assert page(client, chief, complaint, "copy/").status_code == 503

    kept = papers.draw(complaint)

    assert page(client, chief, complaint, "copy/").content == kept
    assert page(client, chief, complaint, "chronology/").content.startswith(b"%PDF")


def test_the_ticket_of_a_complaint_cannot_simply_be_solved(client, chief, complaint):
    client.force_login(chief)

    answer = client.post(f"/desk/tickets/{complaint.ticket.number}/solution/", {"status": "solved"})

    assert answer.status_code == 403
    assert "decision of management" in answer.content.decode()


def test_an_administrator_chooses_the_rules(client, management):
    client.force_login(make.admin())

    shown = client.get("/desk/settings/complaint-rules/").content.decode()
    client.post(
        "/desk/settings/complaint-rules/", {"profile": "uk_fca", "years": "jalali", "team": management.pk}
    )

    assert "O.G. 27/2002" in shown or "Romania" in shown
    assert Rules.current().profile == "uk_fca"
    assert Rules.current().years == "jalali"


def test_a_program_cannot_solve_it_either(complaint, chief):
    from django.test import Client

    from ahadi.api import tokens

    text = tokens.issue(chief, ["tickets:read", "tickets:write"])
    program = Client(headers={"Authorization": f"Bearer {text}"})

    answer = program.patch(
        f"/api/v1/tickets/{complaint.ticket.number}", {"status": "solved"}, content_type="application/json"
    )

    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert "decision of management" in answer.json()["detail"]


def test_the_talk_tells_what_happened_in_words(client, chief):
    about = make.ticket()
    with clock.at(NOON):
        complaint = handling.take_in(
            Handed(address=make.address(), text="The line is dead.", subject="No line", about=about)
        )
        handling.hold(complaint, "Two weeks more.", by=chief)
        handling.decide(complaint, Complaint.Outcome.PARTLY, "Half of it is right.", by=chief)
    client.force_login(chief)

    talk = client.get(f"/desk/tickets/{complaint.ticket.number}/").content.decode()

    assert "has the incoming number" in talk
    assert "wrote why it takes longer" in talk
    assert "decided: Upheld in part" in talk
