"""The language of the search: what is found, what is not, and what is said of the rest."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from ahadi.lib import clock
from ahadi.lib.phrases import Phrase, fts5, has, marked
from ahadi.people.models import Agent
from ahadi.testing import make
from ahadi.tickets import asking, excerpts, operators, search
from ahadi.tickets.grammar import read
from ahadi.tickets.models import Tag, Ticket
from ahadi.tickets.said import File, Kind, Said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]
NOW = datetime(2026, 12, 2, 10, tzinfo=UTC)


@pytest.fixture
def agent() -> Agent:
    return make.agent("Mara Lind")


@pytest.fixture(params=["rare", "common"])
def ways(request, monkeypatch):
    """Both ways of finding words: by the index, and by looking at one ticket after the other."""
    if request.param == "common":
        monkeypatch.setattr(search, "COMMON", 1)


def found(text: str, agent: Agent) -> set[str]:
    meant = asking.ask(text, agent, clock.now())
    return set(Ticket.objects.visible_to(agent).filter(meant.where).values_list("subject", flat=True))


def test_the_parts_of_a_question():
    known = operators.operators()

    terms = read('grinder from:ruth -tag:refund "does not start" -noise foo:bar «آسیاب» is:', known)

    assert [tuple(term) for term in terms] == [
        ("", "grinder", False, False),
        ("from", "ruth", False, False),
        ("tag", "refund", True, False),
        ("", "does not start", False, True),
        ("", "noise", True, False),
        ("", "foo:bar", False, False),
        ("", "آسیاب", False, True),
        ("", "is:", False, False),
    ]


@pytest.mark.usefixtures("ways")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grinder", {"Grinder", "Loud"}),
        ("GRIND", {"Grinder", "Loud"}),
        ("gri", {"Grinder", "Loud"}),
        ("gr", set()),
        ("grinder -noise", {"Grinder"}),
        ('"a noise"', {"Loud"}),
        ('"noise a"', set()),
        ("M-20418", {"Grinder"}),
        ("M-204", {"Grinder"}),
        ("20418", {"Grinder"}),
        ("آسياب", {"آسیاب"}),
        ("«می‌شود»", {"آسیاب"}),
        ("میشود", {"آسیاب"}),
        ("۲۰۴", {"Grinder", "آسیاب"}),
        ("שלום", {"Hebrew"}),
        ("masina", {"Romanian"}),
        ("grinder in:note", {"Loud"}),
        ("grinder in:message", {"Grinder", "Loud"}),
        ("-grinder", {"آسیاب", "Hebrew", "Romanian"}),
        ("''", set()),
    ],
)
def test_words_are_found_in_every_spelling(agent, text: str, expected: set[str]):
    make.ticket("The grinder M-20418 is silent", subject="Grinder")
    make.ticket("My grinder makes a noise", subject="Loud").note("Third grinder this week", by=agent)
    make.ticket("آسیاب ۲۰۴ روشن می‌شود", subject="آسیاب")
    make.ticket("שָׁלוֹם לכם", subject="Hebrew")
    make.ticket("Mașina nu pornește", subject="Romanian")

    assert found(text, agent) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is:open", {"Mine", "Late"}),
        ("is:waiting", {"Waits"}),
        ("is:solved", {"Done"}),
        ("is:unsolved", {"Mine", "Late", "Waits"}),
        ("is:mine", {"Mine"}),
        ("-is:mine", {"Late", "Waits", "Done"}),
        ("is:broken", {"Late"}),
        ("assignee:me", {"Mine"}),
        ("assignee:mara", {"Mine"}),
        ("assignee:none", {"Late", "Done", "Waits"}),
        ("tag:Refund", {"Late"}),
        ("-tag:refund", {"Mine", "Waits", "Done"}),
        ("tag:none", {"Mine", "Waits", "Done"}),
        ("has:tags", {"Late"}),
        ("has:attachment", {"Waits"}),
        ("has:note", set()),
        ("priority:urgent", {"Mine"}),
        ("PRIORITY:4", {"Mine"}),
        ("lang:fa", {"Waits"}),
        ("channel:mail", {"Mine", "Late", "Waits", "Done"}),
        ("team:sup", {"Mine", "Late", "Waits", "Done"}),
        ("team:me", {"Mine", "Late", "Waits", "Done"}),
        ("from:minou", {"Waits"}),
        ("from:@iran.example", {"Waits"}),
        ("due:today", {"Mine"}),
        ("due:2026-12-05", {"Waits"}),
        ("due:۲۰۲۶-۱۲-۰۵", {"Waits"}),
        ("before:today", set()),
        ("after:2026-12-02", {"Mine", "Late", "Waits", "Done"}),
        ("is:open priority:urgent", {"Mine"}),
    ],
)
def test_every_operator(agent, text: str, expected: set[str]):
    mine = make.ticket(subject="Mine", assignee=agent)
    mine.promise("Call", NOW + timedelta(hours=2), by=agent)
    mine.prioritise(4, by=agent)
    late = make.ticket(subject="Late")
    late.promise("Call", NOW - timedelta(hours=2), by=agent)
    late.retag([Tag.objects.create(name="refund")], by=agent)
    place = make.address("minou@iran.example", "Minou")
    waits = make.ticket(subject="Waits", by=place, language="fa")
    paper = File(name="a.txt", content=b"a", content_type="text/plain")
    waits.append(Said(kind=Kind.MESSAGE, text="See", by=place.customer, files=[paper]))
    Ticket.objects.filter(pk=waits.pk).update(
        status="waiting", due=datetime(2026, 12, 5, 9, tzinfo=UTC), language="fa"
    )
    make.ticket(subject="Done").solve(by=agent)

    assert found(text, agent) == expected


@pytest.mark.parametrize(
    "text",
    ["is:sleepy", "before:soon", "priority:7", "has:wings", "code:!!", "due:x", "field:x", "in:x", "lang:xx"],
)
def test_what_cannot_be_understood_is_said_in_a_sentence(agent, text: str):
    make.ticket()

    meant = asking.ask(f"is:open {text}", agent, clock.now())

    assert len(meant.wrong) == 1
    assert text.partition(":")[0] in meant.wrong[0]
    assert found(text, agent) == set()


def test_a_code_is_found_by_its_beginning_however_it_is_typed(agent):
    ticket = make.ticket(subject="This")
    make.ticket(subject="Other")
    begin = ticket.number[:7]

    for typed in (begin, begin.lower().replace("-", ""), begin.replace("0", "o").replace("1", "i")):
        assert found(f"code:{typed}", agent) == {"This"}, typed


def test_what_the_index_finds_is_what_looking_finds():
    from hypothesis import given, settings
    from hypothesis import strategies as st

    alphabet = st.sampled_from(["grinder", "noise", "M-204", "a", "no", "سلام", "şi", "x_y", "1e5"])

    @settings(max_examples=40, deadline=None)
    @given(st.lists(alphabet, min_size=1, max_size=6), st.lists(alphabet, min_size=1, max_size=2))
    def agree(said: list[str], asked: list[str]) -> None:
        from django.db import connection

        from ahadi.lib.folding import fold

        phrases = [phrase for phrase in map(Phrase.of, asked) if phrase]
        text = fold(" ".join(said))
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM tickets_search")
                cursor.execute(
                    "INSERT INTO tickets_search (rowid, ticket_id, words) VALUES (1, 1, %s)", [text]
                )
                cursor.execute(
                    "SELECT count(*) FROM tickets_search WHERE tickets_search MATCH %s", [fts5(phrases)]
                )
                assert bool(cursor.fetchone()[0]) == has(text, fts5(phrases))

    agree()


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("The Grinder, again", "grind", ["Grinder"]),
        ("Mașina și mașini", "masin", ["Mașina", "mașini"]),
        ("روشن می‌شود", "میشود", ["می‌شود"]),
        ("שָׁלוֹם", "שלום", ["שָׁלוֹם"]),
        ("order ۲۰۴", "204", ["۲۰۴"]),
        ("nothing here", "grind", []),
    ],
)
def test_the_original_spelling_is_marked(text: str, asked: str, expected: list[str]):
    phrase = Phrase.of(asked)
    assert phrase

    assert [text[start:end] for start, end in marked(text, [phrase])] == expected


def test_an_excerpt_stands_around_the_newest_place(agent):
    ticket = make.ticket("word " * 60 + "grinder first " + "word " * 60)
    ticket.note("No, the Grinder is " + "very " * 60 + "loud", by=agent)
    phrase = Phrase.of("grinder")
    assert phrase

    (shown,) = excerpts.excerpts([ticket.pk], [phrase]).values()

    assert (shown.seq, shown.kind) == (3, "note")
    assert ("Grinder", True) in shown.pieces
    assert len("".join(text for text, _ in shown.pieces)) < 200


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from:stefan", "Ștefan Țurcanu"),
        ("from:Ţurcanu", "Ștefan Țurcanu"),
        ("from:TURC", "Ștefan Țurcanu"),
        ("from:كريمي", "پریسا کریمی"),
        ("from:نمیخواهم", "نمی\u200cخواهم"),
        ("from:שלום", "שָׁלוֹם לוי"),
        ('from:"anna kern"', "Anna Kern"),
    ],
)
def test_a_customer_is_found_however_their_name_is_spelt(agent, text, name):
    make.ticket(subject="wanted", by=make.address("one@post.example", name))
    make.ticket(subject="other", by=make.address("two@post.example", "Otto Other"))

    assert found(text, agent) == {"wanted"}


def test_tags_teams_and_agents_are_found_however_they_are_spelt(agent):
    team = make.team("پشتیبانی")
    stefan = make.agent("Ștefan Pop", teams=[team])
    agent.teams.add(team)
    ticket = make.ticket(subject="wanted", team=team, assignee=stefan)
    ticket.retag([Tag.objects.create(name="Înapoiere")], by=agent)
    make.ticket(subject="other")

    for text in ("tag:inapoiere", "team:پشتيباني", "assignee:stefan"):
        assert found(text, agent) == {"wanted"}, text
    for text in ("tag:nothing", "team:nothing", "assignee:nothing"):
        assert found(text, agent) == set(), text


def test_a_name_with_signs_is_no_pattern(agent):
    make.ticket(subject="wanted", by=make.address("one@post.example", "Dr. A+B (home)"))

    assert found('from:"a+b (home)"', agent) == {"wanted"}
    assert found("from:.*x", agent) == set()


@pytest.mark.parametrize("state", ["open", "waiting", "unsolved", "mine", "broken", "unanswered"])
def test_what_is_not_solved_is_found_past_what_is(agent: Agent, state: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads small tables as a whole")

    asked = asking.ask(f"is:{state}", agent, clock.now())
    plan = Ticket.objects.filter(asked.where).values("pk")[:100].explain()

    # Each index of theirs holds only what is not solved.
    assert re.search(r"USING (COVERING )?INDEX ticket_(due|mine|team)", plan), plan


def test_attachments_are_found_in_either_way(agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    file = File("photo.png", "image/png", b"png")
    ticket = make.ticket(subject="With a photo")
    ticket.receive(Said(kind=Kind.MESSAGE, text="Here it is", by=ticket.requester, files=[file]))
    make.ticket(subject="Without")

    few = found("has:attachment", agent)
    monkeypatch.setattr(operators, "MANY", 0)

    assert few == found("has:attachment", agent) == {"With a photo"}
