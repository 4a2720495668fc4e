"""Words that were not sent: kept on the server, never overwritten unasked, gone when they are sent."""

from __future__ import annotations

import pytest

from ahadi.desk.models import Sketch
from ahadi.desk.tests.test_ticket import place, reply
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


@pytest.fixture
def ticket():
    return make.ticket(data={"no_acknowledgement": True})


def keep(desk, ticket, text: str, version: int = 0, kind: str = "reply", **more):
    given = {"kind": kind, "text": text, "version": version, **more}
    return desk.post(place(ticket, "sketch/"), given)


def test_words_are_in_the_editor_again_on_another_device(desk, ticket):
    keep(desk, ticket, "We are loo", step="Call <them>", due="2026-12-02T15:00")

    page = desk.get(place(ticket)).content.decode()

    assert ">We are loo</textarea>" in page
    assert 'value="Call &lt;them&gt;"' in page
    assert 'value="2026-12-02T15:00"' in page


def test_the_first_words_after_leading_space_are_kept_as_they_are(desk, ticket):
    keep(desk, ticket, "  - one\n  - two\n")

    assert Sketch.objects.get().text == "  - one\n  - two\n"


def test_each_kind_and_each_agent_has_words_of_their_own(desk, client, ticket):
    keep(desk, ticket, "A reply")
    keep(desk, ticket, "A note", kind="note")
    other = make.agent("Ioana Pop")
    client.force_login(other)

    page = client.get(place(ticket)).content.decode()

    assert Sketch.objects.count() == 2
    assert "A reply" not in page
    assert "A note" not in page


def test_words_from_another_tab_are_never_overwritten_unasked(desk, ticket):
    keep(desk, ticket, "From the first tab")

    answer = keep(desk, ticket, "From the second tab")
    after_asking = keep(desk, ticket, "From the second tab", version=answer.json()["version"])

    assert answer.status_code == 409
    assert answer.json() == {"version": 1, "text": "From the first tab"}
    assert after_asking.json() == {"version": 2}
    assert Sketch.objects.get().text == "From the second tab"


def test_the_same_words_from_two_tabs_are_no_conflict(desk, ticket):
    keep(desk, ticket, "The same")

    assert keep(desk, ticket, "The same").status_code == 200


def test_discarded_words_are_gone_and_undo_brings_them_back(desk, ticket):
    version = keep(desk, ticket, "Never mind").json()["version"]

    keep(desk, ticket, "", version=version)
    gone = Sketch.objects.count()
    keep(desk, ticket, "Never mind", version=version)

    assert gone == 0
    assert Sketch.objects.get().text == "Never mind"


def test_empty_words_of_an_older_tab_do_not_throw_newer_ones_away(desk, ticket):
    keep(desk, ticket, "Newer")

    assert keep(desk, ticket, "").status_code == 409
    assert Sketch.objects.get().text == "Newer"


@pytest.mark.parametrize(("kind", "noun"), [("reply", "replies/"), ("note", "notes/")])
def test_words_that_were_sent_are_kept_no_longer(desk, ticket, kind, noun):
    keep(desk, ticket, "We found", kind=kind)

    desk.post(place(ticket, noun), reply(ticket, kind=kind))

    assert not Sketch.objects.exists()


def test_a_refused_answer_keeps_what_was_kept(desk, ticket):
    keep(desk, ticket, "We found")

    answer = desk.post(place(ticket, "replies/"), reply(ticket, text="We found it", due="soon"))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert ">We found it</textarea>" in page
    assert Sketch.objects.get().text == "We found"


def test_only_a_note_was_begun_so_the_editor_is_at_the_note(desk, ticket):
    keep(desk, ticket, "For colleagues", kind="note")

    page = desk.get(place(ticket)).content.decode()

    assert 'value="note" checked' in page
    assert ">For colleagues</textarea>" in page


@pytest.mark.parametrize("wrong", [{"kind": "event"}, {"version": "-1"}, {"text": "x" * 100_001}])
def test_what_no_editor_sends_is_not_kept(desk, ticket, wrong):
    given = {"kind": "reply", "text": "x", "version": 0} | wrong

    assert desk.post(place(ticket, "sketch/"), given).status_code == 422
    assert not Sketch.objects.exists()


def test_nobody_writes_where_they_may_not_look(desk):
    ticket = make.ticket(team=make.team("Billing"))

    assert keep(desk, ticket, "x").status_code == 404
    assert not Sketch.objects.exists()
