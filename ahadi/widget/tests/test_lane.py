"""Words that come together are written together, and each is what it would have been alone."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ahadi.channels.chat import crowd, lines, talks
from ahadi.channels.models import Line, Talk, Visitor
from ahadi.ledger.models import Leaf
from ahadi.lib.hub import Hub
from ahadi.lib.streams import Asked
from ahadi.lib.tests.loops import play
from ahadi.promises.models import Promise
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets.models import Entry, Ticket
from ahadi.widget import lane, live, quota

pytestmark = pytest.mark.django_db


def word(panel: Panel, text: str = "More", client_id=None) -> crowd.Word:
    return crowd.Word(talks.hash_of(panel.token), client_id or uuid4(), text)


def say(*words, admit=lambda talks: [True] * len(talks)):
    return crowd.say(words, admit, lambda kept: None)


@pytest.fixture
def panels(client, site):
    """Six visitors in the middle of their talks."""
    found = [Panel(client, site, name=f"Visitor {number}") for number in range(6)]
    for panel in found:
        panel.say("It stops")
        panel.say("And it blinks")
    return found


def test_words_of_many_are_what_each_would_have_been_alone(frozen, client, site, panels):
    # Given one who says the same alone, in the ordinary way.
    alone = panels.pop()
    alone.say("Three times red")
    promises = Promise.objects.count()

    # When the others say it at once.
    kept = say(*(word(panel, "Three times red") for panel in panels))

    # Then each has its entry, leaf, line and words, found and proven like the one that came alone.
    entries = Entry.objects.filter(words__text="Three times red").select_related("ticket", "words", "line")
    one, *others = sorted(entries, key=lambda entry: entry.ticket.number != alone.state()["talk"]["code"])
    assert len(others) == len(panels) == sum(each is not None for each in kept)
    for entry in others:
        assert (entry.seq, entry.kind, entry.channel) == (one.seq, one.kind, one.channel)
        assert (entry.line.seq, entry.ticket.last_seq) == (one.line.seq, one.ticket.last_seq)
        assert (entry.ticket.status, entry.ticket.due) == (one.ticket.status, one.ticket.due)
        assert bytes(entry.ticket.last_leaf) == bytes(Leaf.objects.get(pk=entry.leaf_id).hash)
        assert entry.words.data.keys() == one.words.data.keys()
        assert list(Ticket.objects.get(pk=entry.ticket_id).talk.lines.values_list("seq", flat=True)) == [
            *range(1, entry.line.seq + 1)
        ]
    assert Promise.objects.count() == promises
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_search WHERE ticket_id > 0")
        assert cursor.fetchone()[0] == Entry.objects.exclude(kind="event").count()


def test_many_words_cost_few_statements(panels, django_assert_max_num_queries):
    say(*(word(panel) for panel in panels))
    if connection.vendor == "postgresql":
        pytest.skip("On PostgreSQL rows are written one by one.")
    # One for each promise; talks are found, and the writes done, once for all.
    with django_assert_max_num_queries(len(panels) + 17):
        kept = say(*(word(panel) for panel in panels))
    assert all(kept)


def test_what_is_unusual_goes_the_ordinary_way(client, site, panels):
    first, sent, gone, solved, refused, plain = panels
    # Given a first word, one sent before, a session that is over, a solved request, one too many.
    known = Line.objects.filter(visitor__token_hash=talks.hash_of(sent.token)).latest("seq").client_id
    first.call("POST", "talks")
    gone.call("DELETE", "sessions")
    number = solved.state()["talk"]["code"]
    Ticket.objects.get(number=number).solve(by=make.agent())
    over = Ticket.objects.get(number=refused.state()["talk"]["code"])
    before = Entry.objects.count()

    kept = say(
        word(first),
        word(sent, client_id=known),
        word(gone),
        word(solved),
        word(refused),
        word(plain),
        word(plain),
        crowd.Word(talks.hash_of("nobody" * 8), uuid4(), "Hi"),
        admit=lambda talks: [talk.pk != over.pk for talk in talks],
    )

    # Then only the one plain word is written, and of two in one talk the first.
    assert [each is not None for each in kept] == [False] * 5 + [True, False, False]
    assert Entry.objects.count() == before + 1


def test_when_one_fails_none_is_written(panels, monkeypatch):
    before = Entry.objects.count()
    made, broken = lines._line, Ticket.objects.get(number=panels[2].state()["talk"]["code"]).talk

    def fail(talk: Talk, entry: Entry) -> Line:
        if talk.pk == broken.pk:
            raise ValueError("Broken")
        return made(talk, entry)

    monkeypatch.setattr(lines, "_line", fail)
    with pytest.raises(ValueError, match="Broken"):
        say(*(word(panel) for panel in panels))
    assert Entry.objects.count() == before
    # Nothing is left of it, and the next one is written as ever.
    assert panels[0].say("Again")["entry"]["seq"] == broken.last_line + 1


def test_the_writer_tells_its_own_stream_once(panels):
    # Given an open panel.
    door, panel = live.Panel(), panels[0]
    door.begin()
    seat = door.admit(Asked({}, {}, None, panel.token))
    list(door.opening(seat, None))
    told = []
    # When a word is written by the lane.
    crowd.say(
        [word(panel)], lambda talks: [True], lambda kept: told.extend(door.claim(*each) for each in kept)
    )
    # Then the writer tells it, and the next look does not tell it again; an answer it does.
    assert told == [[seat.key]]
    door._looked = live.clock.now().timestamp()
    assert [event.name for event in door.look([seat]).get(seat.key, ())] == []
    ticket = Ticket.objects.get(number=panel.state()["talk"]["code"])
    ticket.reply("Hi", by=make.agent())
    assert [event.name for event in door.look([seat])[seat.key]][:1] == ["entry"]


def test_the_lane_answers_as_the_page_would(frozen, panels):
    kept = say(word(panels[0], 'He said "no"\n{"entry"} سلام'), word(panels[1]))

    answers, news = lane._told([kept[0], None, kept[1]], {kept[0].line.entry_id: ["reader"]})

    assert answers[1] is None
    for panel, answer in ((panels[0], answers[0]), (panels[1], answers[2])):
        page = panel.state()
        assert json.loads(answer) == {
            "entry": page["entries"][-1],
            "talk": page["talk"],
            "automatic": page["automatic"],
        }
    [(reader, piece)] = news
    entry, talk, _end = piece.decode().split("\n\n")
    assert (reader, entry.split("\n")[:2]) == ("reader", [f"id: {kept[0].line.seq}", "event: entry"])
    assert talk.startswith("event: talk\ndata: ")


def test_words_that_cannot_be_shown_are_left_to_the_page(panels, monkeypatch):
    kept, made = say(*(word(panel) for panel in panels[:3])), lane.shown.line

    def fail(each: Line, *more: object) -> dict:
        if each.pk == kept[1].line.pk:
            raise ValueError("Broken")
        return made(each, *more)

    monkeypatch.setattr(lane.shown, "line", fail)
    answers, _news = lane._told(kept, {})

    assert [answer is not None for answer in answers] == [True, False, False]
    assert Entry.objects.filter(pk__in=[each.line.entry_id for each in kept]).count() == 3


# ── the door of the lane ────────────────────────────────────────────────────


class Asker:
    """Calls the lane as a server does; what it sends on to the pages is seen."""

    def __init__(self, settings) -> None:
        settings.AHADI_URL = "https://desk.example"
        self.passed: list[bytes] = []
        self.written: list[crowd.Word] = []
        self.lane = lane.Lane(self._page, Hub(), live.Panel())
        self.lane._put = self._put  # type: ignore[method-assign]

    async def _page(self, scope, receive, send):
        self.passed.append((await receive())["body"])

    async def _put(self, word):
        self.written.append(word)
        return b"{}"

    def ask(self, body: bytes, method: str = "POST", **headers: str) -> None:
        given = {"host": "desk.example", "authorization": f"Bearer {'t' * 43}", **headers}
        given["content_length"] = str(len(body))
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]
        scope = {"type": "http", "method": method, "path": self.lane.PATH, "headers": named}

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(_event):
            """Nobody reads it."""

        play(self.lane(scope, receive, send))


def test_only_plain_words_from_the_own_page_take_the_lane(settings):
    asker = Asker(settings)
    plain = {"client_id": str(uuid4()), "text": "سلام", "files": []}
    body = json.dumps(plain, ensure_ascii=False).encode()
    asker.ask(body)
    asker.ask(body, origin="https://desk.example", sec_fetch_site="same-origin")
    assert [each.text for each in asker.written] == ["سلام"] * 2
    # Everything else is decided by the page, which gets the whole of it.
    others = [
        b"{",
        b"[]",
        b"\xff",
        json.dumps({**plain, "text": " "}).encode(),
        json.dumps({**plain, "text": 7}).encode(),
        json.dumps({**plain, "text": "x" * 20_001}).encode(),
        json.dumps({**plain, "text": "\ud800"}).encode(),
        json.dumps({**plain, "text": "a\0"}).encode(),
        json.dumps({**plain, "client_id": "x"}).encode(),
        json.dumps({**plain, "files": [{"id": "x"}]}).encode(),
        b" " * 70_000,
    ]
    for other in others:
        asker.ask(other)
    asker.ask(body, origin="https://shop.example")
    asker.ask(body, sec_fetch_site="cross-site")
    asker.ask(body, host="evil.example")
    asker.ask(body, authorization="Basic x")
    asker.ask(b"", method="GET")
    assert asker.passed == [*others, body, body, body, body, b""]
    assert len(asker.written) == 2


def test_who_sends_too_much_is_left_to_the_page(panels, monkeypatch):
    monkeypatch.setattr(quota, "MESSAGES", quota.RateLimitItemPerMinute(2, namespace="lane"))
    visitor = Visitor.objects.get(token_hash=talks.hash_of(panels[0].token))
    talk = talks.current(visitor)
    assert [lane._admit([talk]) for _each in range(3)] == [[True], [True], [False]]


def plan_of(question, *values) -> list[str]:
    """How SQLite finds the answer, step by step."""
    with CaptureQueriesContext(connection) as asked:
        question.objects(*values)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + asked[-1]["sql"])
        return [row[3] for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("question", "values"),
    [
        (crowd._going_on(4), [*"abcd", *"efgh"]),
        (talks._OF_VISITOR, [1]),
        (talks._OF_PERSON, [1, 1]),
    ],
    ids=["words of many", "a visitor", "somebody known"],
)
def test_no_talk_is_found_by_looking_through_all_tickets_or_talks(question, values):
    if connection.vendor != "sqlite":
        pytest.skip("The plan of SQLite; with so few rows PostgreSQL looks through all.")

    plan = plan_of(question, *values)

    assert plan
    assert not [step for step in plan if step.startswith("SCAN") or "merged_into" in step]
