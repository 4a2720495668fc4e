from __future__ import annotations

import json

import pytest

from ahadi.notices import telling, wishes
from ahadi.notices.models import Browser, Notice
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def notice(agent) -> Notice:
    """A ticket was given to the agent."""
    make.company()
    telling.tell()
    make.ticket(subject="Late parcel").assign(agent, by=None)
    telling.tell()
    return Notice.objects.get()


def test_the_list_says_what_happened_and_why_it_is_told(desk, notice):
    page = desk.get("/desk/notices/")

    assert "Late parcel" in page.text
    assert "You get this because the ticket was given to you." in page.text


def test_a_look_at_the_list_reads_nothing_and_opening_the_ticket_does(desk, notice):
    desk.get("/desk/notices/")
    assert desk.get("/desk/notices/news/").json()["count"] == 1

    desk.post("/desk/notices/readings/", {"ticket": notice.ticket.number})

    assert desk.get("/desk/notices/news/").json()["count"] == 0


def test_everything_is_read_at_once(desk, notice):
    answer = desk.post("/desk/notices/readings/", {"all": "1"}, follow=True)

    assert "Nothing is new" in answer.text


def test_a_ticket_that_went_elsewhere_is_not_spoken_of(desk, agent, notice):
    notice.ticket.assign(None, by=None)
    notice.ticket.hand_to(make.team("Workshop"), by=None)

    assert desk.get("/desk/notices/news/").json()["count"] == 0
    assert "Late parcel" not in desk.get("/desk/notices/").text


def test_windows_are_shown_in_working_time_only(desk, agent, notice):
    assert len(desk.get("/desk/notices/news/").json()["windows"]) == 1

    company = make.company()
    company.working_hours.hours = {"mon": [["09:00", "10:00"]]}
    company.working_hours.save()

    assert desk.get("/desk/notices/news/").json()["windows"] == []


def test_an_agent_chooses_what_and_where(desk, agent):
    desk.post("/desk/settings/notifications/", {"assigned": ["desk", "mail"], "promise": ["push"]})

    agent.refresh_from_db()
    assert wishes.ways(agent, "assigned") == ["desk", "mail"]
    assert wishes.ways(agent, "followed") == []
    assert not wishes.keeps_quiet(agent)


def test_only_browsers_of_known_services_are_kept(desk, agent):
    keys = {"p256dh": "x", "auth": "y"}
    known = {"endpoint": "https://updates.push.services.mozilla.com/x", "keys": keys}

    right = desk.post("/desk/notices/browsers/", json.dumps(known), content_type="application/json")
    wrong = desk.post(
        "/desk/notices/browsers/",
        json.dumps({**known, "endpoint": "https://a.example/"}),
        content_type="application/json",
    )
    broken = desk.post("/desk/notices/browsers/", "[", content_type="application/json")

    assert (right.status_code, wrong.status_code, broken.status_code) == (204, 422, 400)
    assert Browser.objects.get().agent == agent


def test_the_overview_shows_what_somebody_may_open(desk, client):
    assert "Working hours" not in desk.get("/desk/settings/").text

    client.force_login(make.admin())
    assert "When somebody is there, and which days are holidays." in client.get("/desk/settings/").text
