"""The palette offers what an agent may open, best first."""

from __future__ import annotations

import pytest

from ahadi.desk import palette
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def names(agent, typed: str) -> dict[str, list[str]]:
    return {part.name: [place.name for place in part.places] for part in palette.parts(agent, typed)}


def test_the_newest_tickets_and_the_searches_stand_there_before_anything_is_typed(agent):
    make.ticket(subject="Older")
    make.ticket(subject="Newer")

    found = names(agent, "")

    assert found["Tickets"] == ["Newer", "Older"]
    assert "Mine" in found["Searches"]
    assert "Search" not in found


@pytest.mark.parametrize(
    ("typed", "name", "closeness"),
    [
        ("promi", "Promises due today", 4),
        ("due", "Promises due today", 3),
        ("ises", "Promises", 2),
        ("pdt", "Promises due today", 1),
        ("xyz", "Promises", 0),
    ],
)
def test_how_well_letters_fit(typed: str, name: str, closeness: int):
    assert palette.closeness(typed, name) == closeness


def test_tickets_are_found_by_words_and_by_the_beginning_of_their_code(agent):
    ticket = make.ticket("The grinder is loud", subject="Loud")

    assert names(agent, "grind")["Tickets"] == ["Loud"]
    assert names(agent, ticket.number[:6].lower().replace("-", " "))["Tickets"] == ["Loud"]


def test_nothing_is_offered_that_one_may_not_see(agent):
    hidden = make.ticket(
        "The grinder is loud", by=make.address(name="Ruth Ellis"), team=make.team("Workshop")
    )

    assert "Tickets" not in names(agent, "grind")
    assert "Tickets" not in names(agent, hidden.number)
    assert "People" not in names(agent, "Ruth")
    assert "Settings" not in names(agent, "Company")
    assert names(make.admin(), "Compan")["Settings"] == ["Company"]


def test_people_lead_to_what_they_asked(agent):
    make.ticket(by=make.address("ruth@post.example", name="Ruth Ellis"))

    (part,) = [part for part in palette.parts(agent, "ell") if part.name == "People"]

    assert part.places[0].url == "/desk/search/?q=from%3Aruth%40post.example"


def test_the_answer_is_a_piece_of_a_page(desk):
    make.ticket(subject="<b>Bold</b>")

    piece = desk.get("/desk/palette/", {"q": "bold"}).content.decode()

    assert 'role="option"' in piece
    assert "&lt;b&gt;Bold&lt;/b&gt;" in piece
    assert "<html" not in piece


def test_it_costs_the_same_for_one_ticket_and_for_many(desk, django_assert_max_num_queries):
    for number in range(12):
        make.ticket(subject=f"Grinder {number}")
    desk.get("/desk/palette/", {"q": "grinder"})

    with django_assert_max_num_queries(9):
        desk.get("/desk/palette/", {"q": "grinder"})
