"""Events in words: one list, each code once, nothing hidden."""

from __future__ import annotations

from ahadi.desk import events
from ahadi.desk.events import calls, chats, complaints, owners, promises, talk, work


def test_every_code_stands_in_one_module():
    modules = (talk, owners, work, promises, complaints, calls, chats)

    assert sum(len(module.EVENTS) for module in modules) == len(events.EVENTS)


def test_a_code_that_nobody_knows_is_shown_as_it_is():
    assert events.read("from_elsewhere", {}, "").text == "Ahadi: from_elsewhere"
