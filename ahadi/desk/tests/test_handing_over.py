from __future__ import annotations

import pytest

from ahadi.desk import events, sentences
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_who_hands_a_ticket_out_of_sight_comes_back_to_the_list(client):
    ticket, workshop = make.ticket(), make.team("Workshop")
    client.force_login(make.agent())

    answer = client.post(f"/desk/mine/{ticket.number}/assignment/", {"owner": f"team:{workshop.pk}"})
    page = client.get(answer["Location"])

    assert answer["Location"] == "/desk/mine/"
    assert page.status_code == 200
    assert "with its new owner" in page.content.decode()


def test_who_still_sees_the_ticket_stays_with_it(client):
    ticket, workshop = make.ticket(), make.team("Workshop")
    client.force_login(make.lead())

    answer = client.post(f"/desk/open/{ticket.number}/assignment/", {"owner": f"team:{workshop.pk}"})

    assert answer["Location"] == f"/desk/open/{ticket.number}/"


def test_a_ticket_opened_again_for_held_words_says_so_in_words():
    assert "wait for your decision" in events.read("reopened", {"reason": "held"}, "").text


def test_a_ticket_opened_again_for_a_failure_names_the_failure():
    sentence = events.read("reopened", {"reason": "550 no such mailbox"}, "")

    assert "did not arrive" in sentence.text
    assert "There is no such mailbox" in sentence.text
    assert sentence.kind == "bad"


@pytest.mark.parametrize("writer", ["stranger", "agent"])
def test_every_writer_whose_words_are_held_has_a_reason_of_their_own(writer: str):
    assert sentences.held(writer) != sentences.held("")


def test_an_event_of_tomorrow_is_shown_rather_than_hidden():
    assert "merged" in events.read("merged", {}, "Mara Lind").text
