"""Saved searches: their counts are their lists, and only those who are offered them see them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from ahadi.desk import listing, searches
from ahadi.desk.models import SavedSearch
from ahadi.people.models import Agent
from ahadi.testing import make
from ahadi.tickets.models import Tag, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NOW = datetime(2026, 12, 2, 10, tzinfo=UTC)
QUERIES = [
    "is:unsolved tag:refund", "is:open -tag:refund", "priority:urgent", "grinder is:unsolved", "-grinder",
    "assignee:none due:today", "is:broken lang:fa", "lang:en grinder -noise", "from:ruth",
    "is:waiting has:tag",
]  # fmt: skip


def saved(agent: Agent | None = None, query: str = "is:open", name: str = "Open", **fields) -> SavedSearch:
    made = SavedSearch(name=name, query=query, owner=agent, **fields)
    made.write()
    return made


def some_tickets(agent: Agent, chance: random.Random, number: int) -> None:
    teams = [make.team(), make.team("Workshop")]
    refund = Tag.objects.get_or_create(name="refund")[0]
    for _ in range(number):
        words = chance.choice(["The grinder makes a noise", "My grinder stops", "Where is my parcel?"])
        asker = make.address(name=chance.choice(["Ruth Ellis", "Anna Kern"]))
        ticket = make.ticket(words, subject=words, by=asker, team=chance.choice(teams))
        if chance.random() < 0.3:
            ticket.retag([refund], by=agent)
        Ticket.objects.filter(pk=ticket.pk).update(
            assignee=chance.choice([None, agent]),
            status=chance.choice(["open", "waiting"]),
            language=chance.choice(["en", "fa"]),
            priority=chance.randint(1, 4),
            due=NOW + timedelta(minutes=chance.randint(-600, 2400)),
        )
        if chance.random() < 0.3:
            ticket.solve(by=agent)


@pytest.mark.parametrize("seed", range(3))
def test_every_count_is_the_length_of_its_list(agent, seed: int):
    some_tickets(agent, random.Random(seed), 25)
    for query in QUERIES:
        saved(agent, query, query)

    counts = searches.counts(agent)

    for search in searches.offered(agent, searches.state(agent)):
        if search.code != searches.UNCOUNTED:
            listed = listing.page(agent, search.code).numbers
            assert counts[search.code] == len(listed) == len(set(listed)), search.query
    assert sum(counts.values()) > 20


def test_a_count_stops_at_ninety_nine(desk, agent, monkeypatch):
    monkeypatch.setattr(searches, "MOST", 2)
    for _ in range(4):
        make.ticket()

    assert searches.counts(agent)["open"] == 3


def test_what_takes_long_to_count_is_counted_every_five_seconds(agent, monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(searches, "monotonic", lambda: moment[0])
    monkeypatch.setattr(searches, "SLOW", -1)
    make.ticket()
    assert searches.counts(agent)["open"] == 1

    make.ticket()
    assert searches.counts(agent)["open"] == 1
    moment[0] += 5

    assert searches.counts(agent)["open"] == 2


def test_while_one_page_counts_slowly_others_show_what_was_counted_before(agent, monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(searches, "monotonic", lambda: moment[0])
    monkeypatch.setattr(searches, "SLOW", -1)
    make.ticket()
    searches.counts(agent)
    make.ticket()
    moment[0] += 5

    monkeypatch.setattr(searches, "_at_it", {agent.pk})
    meanwhile = searches.counts(agent)["open"]
    monkeypatch.setattr(searches, "_at_it", set())

    assert meanwhile == 1
    assert searches.counts(agent)["open"] == 2


def test_more_than_ninety_nine_are_not_counted_out(desk, agent, monkeypatch):
    monkeypatch.setattr(searches, "_count", lambda agent, now: {"open": 100, "mine": 0, "broken": 1})

    page = desk.get("/desk/open/").content.decode()

    assert page.count('<span class="count">99+</span>') == 2


def test_a_saved_search_stands_beside_the_list_with_its_number(desk, agent):
    make.ticket("My grinder is loud")
    made = saved(agent, "grinder is:unsolved", "Grinders")

    page = desk.get(f"/desk/{made.code}/").content.decode()

    assert f'href="/desk/{made.code}/" aria-current="page"' in page
    assert "<bdi>Grinders</bdi>" in page
    assert page.count("data-row=") == 1


def test_a_search_is_offered_to_its_agent_its_team_or_everybody(agent):
    other, support = make.agent("Ben Otieno"), make.team()
    own, teams, all_of = saved(agent), saved(team=support), saved()
    strangers = saved(team=make.team("Workshop"))

    def codes(reader: Agent) -> set[str]:
        return {search.code for search in searches.saved(reader)}

    assert codes(agent) == {own.code, teams.code, all_of.code}
    assert codes(other) == {teams.code, all_of.code}
    assert strangers.code in codes(make.agent("Noa", teams=[make.team("Workshop")]))


def test_somebody_elses_search_is_not_there(desk):
    theirs = saved(make.agent("Ben Otieno"))
    ticket = make.ticket()

    assert desk.get(f"/desk/{theirs.code}/").status_code == 404
    assert desk.get("/desk/s999999/").status_code == 404
    assert desk.get(f"/desk/settings/searches/{theirs.pk}/").status_code == 404
    assert desk.post(f"/desk/settings/searches/{theirs.pk}/removal/").status_code == 404
    assert desk.get(f"/desk/{theirs.code}/{ticket.number}/")["Location"] == f"/desk/open/{ticket.number}/"


def test_a_search_is_saved_from_the_list_of_what_was_found(desk, agent):
    found = desk.get("/desk/search/", {"q": "tag:refund"}).content.decode()
    assert "/desk/settings/searches/?query=tag%3Arefund#add" in found
    page = desk.get("/desk/settings/searches/", {"query": "tag:refund"}).content.decode()
    assert 'value="tag:refund"' in page

    answer = desk.post("/desk/settings/searches/", {"name": "Refunds", "query": "tag:refund", "whose": "me"})

    made = SavedSearch.objects.get()
    assert answer["Location"] == f"/desk/{made.code}/"
    assert (made.owner, made.team) == (agent, None)


def test_a_search_that_cannot_be_understood_is_not_saved(desk):
    answer = desk.post("/desk/settings/searches/", {"name": "Odd", "query": "is:sleepy", "whose": "me"})

    assert answer.status_code == 422
    assert "“sleepy”" in answer.content.decode()
    assert not SavedSearch.objects.exists()


def test_only_leads_share_with_everybody(desk, client):
    desk.post("/desk/settings/searches/", {"name": "All", "query": "is:open", "whose": "all"})
    assert not SavedSearch.objects.exists()

    client.force_login(make.lead())
    client.post("/desk/settings/searches/", {"name": "All", "query": "is:open", "whose": "all"})

    assert SavedSearch.objects.get().owner is None


def test_what_was_taken_away_comes_back_with_one_click(desk, agent):
    made = saved(agent)

    answer = desk.post(f"/desk/settings/searches/{made.pk}/removal/")
    assert searches.saved(agent) == []
    page = desk.get(answer["Location"]).content.decode()
    assert f"/desk/settings/searches/{made.pk}/return/" in page
    desk.post(f"/desk/settings/searches/{made.pk}/return/")

    assert [search.code for search in searches.saved(agent)] == [made.code]


def test_searches_are_put_in_order(desk, agent):
    first, second = saved(agent, name="First", place=1), saved(agent, name="Second", place=2)

    desk.post(f"/desk/settings/searches/{second.pk}/place/", {"way": "up"})

    assert [search.code for search in searches.saved(agent)] == [second.code, first.code]


def test_where_words_stand_is_shown_with_them_marked(desk):
    make.ticket("Hello, my Grínder makes a noise <b>", subject="Grinder & noise")

    page = desk.get("/desk/search/", {"q": "grinder"}).content.decode()

    assert "<mark>Grinder</mark> &amp; noise" in page
    assert "my <mark>Grínder</mark> makes a noise &lt;b&gt;" in page


def test_what_cannot_be_understood_is_said_above_the_list(desk):
    make.ticket()

    page = desk.get("/desk/search/", {"q": "is:sleepy"}).content.decode()

    assert "is: does not know “sleepy”" in page
    assert "data-row=" not in page


def test_pages_of_what_was_found_go_beyond_any_number(desk, agent, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 20)
    strangers = make.team("Workshop")
    for number in range(50):
        make.ticket("The grinder", team=None if number % 2 else strangers)

    first = listing.page(agent, "search", "", "grinder")
    second = listing.page(agent, "search", first.after, "grinder")

    assert len(set(first.numbers) | set(second.numbers)) == 25


def test_a_list_with_saved_searches_costs_the_same(desk, agent, django_assert_max_num_queries):
    for query in QUERIES:
        saved(agent, query, query)
    make.ticket(assignee=agent)
    desk.get("/desk/mine/")
    make.ticket(assignee=agent)

    with django_assert_max_num_queries(6):
        desk.get("/desk/mine/")
