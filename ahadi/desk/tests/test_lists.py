from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ahadi.desk import listing, searches
from ahadi.lib import clock
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NOW = datetime(2026, 12, 2, 10, tzinfo=UTC)


def due(ticket, **away):
    ticket.promise("Call the depot", NOW + timedelta(**away), by=make.agent("Ben Otieno"))
    return ticket


def test_every_count_equals_its_list(desk, agent):
    due(make.ticket(subject="Late", assignee=agent), minutes=-20)
    due(make.ticket(subject="Now", assignee=agent), hours=2)
    due(make.ticket(subject="Then"), days=1)
    make.ticket(subject="Done", assignee=agent).solve(by=agent)
    make.ticket(subject="Theirs").wait(by=agent)
    make.ticket(subject="Elsewhere", team=make.team("Workshop"))

    counts = searches.counts(agent)

    for code in searches.COUNTED:
        assert (
            counts[code] == searches.tickets(agent, code).count() == len(listing.page(agent, code).numbers)
        ), code
    assert counts["mine"] == 2
    assert counts["broken"] == 1


def test_a_count_follows_the_change_at_once(desk, agent):
    ticket = make.ticket()
    assert searches.counts(agent)["unassigned"] == 1

    ticket.assign(agent, by=agent)

    assert searches.counts(agent)["unassigned"] == 0


def test_a_promise_breaks_in_the_counts_and_in_the_list_in_the_same_minute(agent):
    due(make.ticket(), minutes=5)

    with clock.at(NOW + timedelta(minutes=5)):
        assert searches.counts(agent)["broken"] == len(listing.page(agent, "broken").numbers) == 1


def test_rows_stand_in_groups_by_when_they_are_due(agent):
    for away in ({"minutes": -5}, {"hours": 1}, {"days": 1}, {"days": 6}):
        due(make.ticket(assignee=agent), **away)

    groups = listing.page(agent, "mine").groups

    assert [group.name for group in groups] == ["Broken", "Today", "Tomorrow", "Later"]
    assert groups[0].is_bad


def test_pages_follow_each_other_without_gap_or_double(agent, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 3)
    for number in range(8):
        due(make.ticket(subject=str(number), assignee=agent), days=1 + number // 3)

    seen, after = [], ""
    for _ in range(4):
        page = listing.page(agent, "mine", after)
        seen += page.numbers
        after = page.after
        if not after:
            break

    assert len(seen) == len(set(seen)) == 8


@pytest.mark.parametrize("cursor", ["x", "1.", ".1", "9" * 40 + ".1", "1." + "9" * 40, "-1.-1"])
def test_a_cursor_that_nobody_gave_out_shows_the_first_page(desk, agent, cursor: str):
    make.ticket(assignee=agent)

    answer = desk.get("/desk/mine/", {"after": cursor})

    assert answer.status_code == 200
    assert "data-row" in answer.content.decode()


def test_a_list_costs_the_same_for_one_row_and_for_fifty(desk, agent, django_assert_max_num_queries):
    for number in range(52):
        make.ticket(subject=f"Row {number}", assignee=agent)

    with django_assert_max_num_queries(6):
        answer = desk.get("/desk/mine/")

    assert answer.content.decode().count("data-row") == 50


def test_a_code_typed_in_any_way_leads_to_its_ticket(desk):
    ticket = make.ticket()

    answer = desk.get("/desk/search/", {"q": ticket.number.lower().replace("-", " ")})

    assert answer["Location"] == f"/desk/open/{ticket.number}/"


def test_search_finds_words_but_only_in_tickets_one_may_see(desk):
    seen = make.ticket("The grinder makes a noise")
    unseen = make.ticket("The grinder is on fire", team=make.team("Workshop"))

    page = desk.get("/desk/search/", {"q": "grinder"}).content.decode()
    led = desk.get("/desk/search/", {"q": unseen.number})

    assert seen.number in page
    assert unseen.number not in page
    assert led.status_code == 200


def test_search_for_nothing_findable_is_an_empty_list(desk):
    assert "Nothing found." in desk.get("/desk/search/", {"q": "'\" * \x00 (("}).content.decode()


def test_the_desk_needs_a_sign_in(client):
    answer = client.get("/desk/mine/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("fa", "rtl"), ("he", "rtl")])
def test_the_list_is_in_the_agents_language_and_direction(client, language: str, direction: str):
    agent = make.agent(language=language)
    make.ticket(assignee=agent, subject="Nu pot să mă conectez")
    client.force_login(agent)

    page = client.get("/desk/mine/").content.decode()

    assert f'lang="{language}" dir="{direction}"' in page
    assert '<bdi dir="auto">Nu pot să mă conectez</bdi>' in page
