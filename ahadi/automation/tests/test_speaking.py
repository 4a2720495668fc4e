"""The one voice of machines: a person offered, silent while there is one, asking nothing twice."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
from django.db import transaction

from ahadi.automation import examples, speaking
from ahadi.automation.speaking import Silence, Turn
from ahadi.automation.wanting import wants_person
from ahadi.channels.models import Site
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets.models import Entry, Statement, Ticket
from ahadi.tickets.said import Said
from ahadi.widget import quota

# Through all doors a talk takes a tenth of a second: TALKS=10000 plays them for a quarter of an hour, and
# FIRST_TALK lets several runs share them.
FIRST_TALK, TALKS = int(os.environ.get("FIRST_TALK", "0")), int(os.environ.get("TALKS", "25"))
PURE = 10_000


@pytest.fixture
def talk(client, db) -> Ticket:
    quota.limiter().storage.reset()
    Panel(client, make.site()).say("It stops after two seconds")
    return Ticket.objects.get()


def test_a_machine_speaks_until_a_person_does_and_again_when_they_hand_back(talk):
    # Given a talk nobody has joined.
    said = speaking.speak(talk, "answer", "Three red blinks: it is too warm.")
    assert isinstance(said, Entry)
    assert (said.automatic, said.words.data["offers"]) == (True, "person")
    # When a person says one word.
    mara = make.agent()
    talk.reply("Hi, I am Mara.", by=mara)
    # Then machines are silent.
    assert speaking.speak(talk, "answer", "Did it help?") == Silence("person")
    # Until they hand back, or the talk is over.
    speaking.hand_back(talk, by=mara)
    assert isinstance(speaking.speak(talk, "answer", "Did it help?"), Entry)
    talk.reply("Solved.", by=mara, solve=True)
    assert speaking.speak(talk, "answer", "Bye") == Silence("over")


def test_a_person_who_takes_the_talk_silences_machines_before_a_word(talk):
    mara = make.agent()
    talk.assign(mara, by=make.lead())
    assert isinstance(speaking.speak(talk, "answer", "Wait"), Entry)
    talk.assign(mara, by=mara)
    assert speaking.speak(talk, "answer", "Wait") == Silence("person")


def test_nobody_else_can_speak_by_machine(talk):
    # Given somebody who does not know the rules and writes past the voice.
    careless = Said(kind="reply", code="hello", text="Hi!", automatic=True, channel="chat", language="en")
    with pytest.raises(speaking.Refused, match="no person"), transaction.atomic():
        talk.append(careless)
    marked = Said(
        kind="reply", code="hello", text="Hi!", automatic=True, language="en", data={"offers": "person"}
    )
    mara = make.agent()
    talk.reply("Hi, I am Mara.", by=mara)
    with pytest.raises(speaking.Refused, match="person"), transaction.atomic():
        talk.append(marked)
    # Then nothing of it is left.
    assert Entry.objects.filter(ticket=talk, code="hello").count() == 0


def test_what_is_known_is_not_asked_and_nothing_twice(talk):
    ask = lambda asks: speaking.speak(talk, "answer", f"Your {asks}?", asks=asks)  # noqa: E731
    assert isinstance(ask("tried"), Entry)
    assert ask("tried") == Silence("asked")
    Statement.objects.create(ticket=talk, wish="A new one")
    assert ask("wish") == Silence("known")
    Ticket.objects.filter(pk=talk.pk).update(address=make.address())
    talk.refresh_from_db()
    assert ask("way") == Silence("known")
    assert ask("email") == Silence("known")


@pytest.mark.parametrize(
    "words",
    [
        "I want to talk to a person", "can I speak with a human please", "agent", "are you a robot?",
        "می‌خواهم با یک آدم صحبت کنم", "ميخوام با پشتیبان حرف بزنم", "لطفا به کارشناس وصل کنید", "اپراتور",
        "אני רוצה לדבר עם בן אדם נציג", "נציג אנושי בבקשה", "אפשר לדבר עם מישהו", "נציגה",
        "Vreau să vorbesc cu un om", "aș dori să vorbesc cu un operator", "operator", "fără robot",
        "Nataka kuongea na mtu", "naomba niunganishe na mhudumu", "mhudumu", "wewe ni roboti",
    ],
)  # fmt: skip
def test_the_wish_for_a_person_is_understood_in_every_language(words):
    assert wants_person(words)


@pytest.mark.parametrize(
    "words",
    [
        "The grinder stops", "where is my parcel", "دستگاه کار نمی‌کند", "המטחנה לא עובדת", "Nu merge",
        "Mashine haifanyi kazi", "", "?", "My son wanted to talk about it with his teacher yesterday in the "
        "evening after school and then somebody broke the machine",
    ],
)  # fmt: skip
def test_other_words_are_not_taken_for_it(words):
    assert not wants_person(words)


def test_who_asked_for_a_person_hears_of_the_waiting_only(client, talk):
    Entry.objects.get(code="acknowledgement")
    speaking.want_person(talk, said=True)
    assert speaking.speak(talk, "answer", "But first try this") == Silence("wanted")
    assert isinstance(speaking.speak(talk, "queue", "You are number 2"), Entry)


def test_the_example_answers_hours_once_and_leaves_the_rest_to_people(talk):
    assert isinstance(examples.answer(talk, "When are you open?"), Entry)
    assert examples.answer(talk, "My grinder burns") is None
    speaking.want_person(talk, said=False)
    assert examples.answer(talk, "When are you open?") == Silence("wanted")


# ── random talks ────────────────────────────────────────────────────────────


def check(turns: list[Turn]) -> None:
    """Every rule, told anew from the history alone and not by the code under test."""
    joined, live = False, False
    asked: set[str] = set()
    for turn in turns:
        if turn.kind == "message" and turn.channel == "chat":
            live = True
        elif turn.kind == "reply" and turn.automatic and live:
            assert not joined, "A machine spoke between a person's word and the end."
            assert turn.data["offers"] == "person"
            asks = turn.data.get("asks")
            assert asks is None or asks not in asked, "Asked twice."
            asked |= {asks} - {None}
        elif turn.kind == "reply" and not turn.automatic:
            joined = turn.code != "solution"
            live = live and joined
        elif turn.code in ("chat_ended", "solved"):
            joined, live = False, False
        elif turn.code == "handed_back":
            joined = False
        elif turn.code == "assigned" and (
            turn.data.get("why") == "rang" or turn.agent is not None and turn.agent == turn.data.get("agent")
        ):
            joined = True


def test_in_ten_thousand_random_talks_no_machine_speaks_over_a_person():
    chance = random.Random(7)
    spoken = silent = 0
    for _talk in range(PURE):
        turns: list[Turn] = []
        floor = speaking.Floor()
        for _step in range(chance.randint(3, 25)):
            turn = _random_turn(chance, floor)
            if turn is None:
                silent += 1
                continue
            spoken += turn.automatic
            turns.append(turn)
            floor = floor.after(turn)
        # What was remembered is what the whole history says.
        assert floor == speaking.read(turns)
        check(turns)
    assert spoken > PURE
    assert silent > PURE


def _random_turn(chance: random.Random, floor: speaking.Floor) -> Turn | None:
    kind = chance.choice(("customer", "machine", "machine", "asks", "agent", "mail", "event", "note"))
    if kind in ("machine", "asks"):
        asks = chance.choice(("way", "name", "tried")) if kind == "asks" else ""
        code = chance.choice(("answer", "queue", "away"))
        if floor.objection(code, asks, frozenset({"name"})):
            return None
        return Turn(
            "reply", code, True, None, "chat", {"offers": "person", **({"asks": asks} if asks else {})}
        )
    if kind == "agent":
        return Turn("reply", chance.choice(("", "", "solution")), False, 1, "chat", {})
    if kind == "event":
        code = chance.choice(("chat_ended", "solved", "handed_back", "person_wanted", "assigned", "tags"))
        data = (
            {"agent": chance.choice((1, 2)), "why": chance.choice(("", "rang"))} if code == "assigned" else {}
        )
        return Turn("event", code, False, chance.choice((None, 1)), "", data)
    if kind == "note":
        return Turn("note", "", False, 1, "", {})
    return Turn("message", "", False, None, "email" if kind == "mail" else "chat", {})


@pytest.mark.django_db
def test_random_talks_through_the_real_doors_lose_nothing_and_ask_nothing_known(client, site_and_people):
    for seed in range(FIRST_TALK, FIRST_TALK + TALKS):
        _play(client, *site_and_people, random.Random(seed))


@pytest.fixture
def site_and_people(db) -> tuple[Site, Any]:
    return make.site(), make.agent("Mara Lind")


def _play(client: Any, site: Site, mara: Any, chance: random.Random) -> None:
    quota.limiter().storage.reset()
    panel = Panel(client, site)
    sent = [panel.say("It stops")["entry"]["client_id"]]
    ticket = Ticket.objects.get(number=panel.state()["talk"]["code"])
    for step in range(chance.randint(4, 12)):
        _move(chance, panel, ticket, mara, sent, step)
        ticket.refresh_from_db()
    lines = panel.state()["entries"]
    # Nothing lost, nothing doubled, in order, without a gap.
    assert [line["client_id"] for line in lines if line["client_id"]] == sent
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    rows = (
        Entry.objects.filter(ticket=ticket)
        .order_by("seq")
        .values_list("kind", "code", "automatic", "agent_id", "channel", "words__data")
    )
    check([Turn(*row) for row in rows])
    assert ticket.is_solved or ticket.due is not None


def _move(chance: random.Random, panel: Panel, ticket: Ticket, mara: Any, sent: list[str], step: int) -> None:
    match chance.choice("wwwrrrmmapesbtgx"):
        case "w":
            said = panel.say(
                chance.choice(("More of it", "Thanks", "I want a person", "می‌خواهم با کسی حرف بزنم"))
            )
            sent.append(said["entry"]["client_id"])
            # The answer was lost on the way, so the browser sends it again.
            panel.say("Again", said["entry"]["client_id"])
        case "r":
            ticket.reply(f"Try {step}", by=mara, solve=chance.random() < 0.2)
        case "m":
            speaking.speak(
                ticket, "answer", f"Hint {step}", asks=chance.choice(("", "way", "problem", "tried"))
            )
        case "a":
            ticket.assign(mara, by=mara)
        case "p":
            panel.call("POST", "person")
        case "e":
            panel.call("POST", "end")
        case "s":
            ticket.solve(by=mara)
        case "b":
            speaking.hand_back(ticket, by=mara)
        case "t":
            ticket.note("For us", by=mara)
        case "g":
            panel.call("POST", "way", {"kind": "email", "value": f"anna{ticket.pk}@post.example"})
        case "x":
            ticket.promise(
                "The workshop calls", due=ticket.updated.replace(year=2099), by=mara, reason="Late"
            )
