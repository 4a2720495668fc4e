"""Streams of events: who is let in, what they hear, in which order, and how they end."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from ahadi.lib import hub, streams
from ahadi.lib.hub import MOST_OF_ONE, PATIENCE, Event, Hub
from ahadi.lib.streams import Asked, Streams
from ahadi.lib.tests import loops


class House:
    """A door whose news are numbers; `news` holds all there were."""

    def __init__(self):
        self.news, self.place, self.allowed, self.asked = [], 0, True, []

    def admit(self, asked):
        name = asked.cookies.get("name")
        return SimpleNamespace(key=name) if name else None

    def remain(self, audiences):
        self.asked.append(len(audiences))
        return {each.key for each in audiences} if self.allowed else set()

    def begin(self):
        self.place = len(self.news)

    def opening(self, audience, after):
        for number in range(self.place if after is None else after, self.place):
            yield Event("news", self.news[number], number + 1)
        yield Event("hello", audience.key)

    def mark(self):
        return len(self.news)

    def look(self, audiences):
        new, self.place = self.news[self.place :], len(self.news)
        first = self.place - len(new)
        events = [Event("news", what, first + place + 1) for place, what in enumerate(new)]
        return {audience.key: events for audience in audiences}


class Browser:
    """The other side of one stream."""

    def __init__(self, name="ioana", query="", **headers):
        cookies = {"cookie": f"name={name}"} if name else {}
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": "/house/",
            "query_string": query.encode(),
            "headers": [
                (key.replace("_", "-").encode(), value.encode())
                for key, value in {**cookies, **headers}.items()
            ],
        }
        self.got, self.left, self.text = [], asyncio.Event(), ""

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, event):
        self.got.append(event)
        self.text += event.get("body", b"").decode()

    @property
    def status(self):
        return self.got[0]["status"]

    @property
    def events(self):
        parts = [dict(line.split(": ", 1) for line in part.splitlines()) for part in self.text.split("\n\n")]
        return [
            (part["event"], json.loads(part["data"]), part.get("id")) for part in parts if "event" in part
        ]

    def heard(self):
        return [data for name, data, _place in self.events if name == "news"]


async def until(said, seconds=5.0):
    async with asyncio.timeout(seconds):
        while not said():
            await asyncio.sleep(0.01)


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr(streams, "PAUSE", 0)
    return House()


def play(house, story):
    async def run():
        opened = Streams({"/house/": house}, Hub())
        try:
            await story(opened)
        finally:
            opened.hub.close()
            opened.watch._wake.set()

    loops.play(run())


def test_who_listens_hears_what_happens_from_then_on(house):
    house.news = ["old"]

    async def story(opened):
        browser = Browser()
        stream = asyncio.create_task(opened(browser.scope, browser.receive, browser.send))
        await until(lambda: browser.events)
        house.news += ["one", "two"]
        await until(lambda: len(browser.heard()) == 2)
        browser.left.set()
        await stream

        assert browser.status == 200
        assert browser.events == [("hello", "ioana", None), ("news", "one", "2"), ("news", "two", "3")]

    play(house, story)


def test_who_was_away_is_told_what_they_missed_and_nothing_twice(house):
    house.news = ["one", "two", "three"]

    async def story(opened):
        browser = Browser(last_event_id="1")
        stream = asyncio.create_task(opened(browser.scope, browser.receive, browser.send))
        await until(lambda: browser.events)
        house.news.append("four")
        await until(lambda: "four" in browser.heard())
        browser.left.set()
        await stream

        assert browser.heard() == ["two", "three", "four"]

    play(house, story)


def test_people_come_and_go_while_news_come_and_nobody_misses_any(house):
    async def story(opened):
        browsers = []

        async def come(number):
            await asyncio.sleep(number * 0.007)
            after = str(len(house.news))
            browser = Browser(name=f"agent{number}", query=f"after={after}")
            browser.first = int(after)
            browsers.append(browser)
            await opened(browser.scope, browser.receive, browser.send)

        tasks = [asyncio.create_task(come(number)) for number in range(40)]
        for number in range(150):
            house.news.append(number)
            await asyncio.sleep(0.002)
        await until(lambda: len(browsers) == 40 and all(149 in each.heard() for each in browsers))
        for browser in browsers:
            browser.left.set()
        await asyncio.gather(*tasks)

        # Whoever had news from a process that is ahead of this one may hear some of it again.
        for each in browsers:
            assert each.heard()[each.first - 150 :] == list(range(each.first, 150))
        assert not any(opened.hub.listens(f"agent{number}") for number in range(40))

    play(house, story)


def test_a_stranger_hears_nothing(house):
    async def story(opened):
        browser = Browser(name="")
        await opened(browser.scope, browser.receive, browser.send)

        assert browser.status == 401
        assert browser.text == ""

    play(house, story)


def test_only_get_opens_a_stream(house):
    async def story(opened):
        browser = Browser()
        browser.scope["method"] = "POST"
        await opened(browser.scope, browser.receive, browser.send)

        assert browser.status == 405

    play(house, story)


def test_who_may_not_listen_any_more_is_sent_away(house, monkeypatch):
    monkeypatch.setattr(streams, "CHECK", 0.1)
    monkeypatch.setattr(streams, "TURN", 0.05)

    async def story(opened):
        browser = Browser()
        stream = asyncio.create_task(opened(browser.scope, browser.receive, browser.send))
        await until(lambda: browser.events)
        house.allowed = False
        async with asyncio.timeout(5):
            await stream

        assert browser.got[-1] == {"type": "http.response.body", "body": b"", "more_body": False}

    play(house, story)


def test_many_who_came_together_are_not_asked_about_in_one_moment(house, monkeypatch):
    monkeypatch.setattr(streams, "CHECK", 0.3)
    monkeypatch.setattr(streams, "PART", 1 / 4)

    async def story(opened):
        browsers = [Browser(f"reader{number}") for number in range(16)]
        coming = [asyncio.create_task(opened(each.scope, each.receive, each.send)) for each in browsers]
        await until(lambda: all(each.events for each in browsers))
        house.allowed = False
        async with asyncio.timeout(10):
            await asyncio.gather(*coming)

        assert all(each.got[-1]["body"] == b"" for each in browsers)

    play(house, story)

    assert max(house.asked) == 5


def test_everybody_gets_a_sign_of_life_in_turn(house, monkeypatch):
    monkeypatch.setattr(streams, "BEAT", 0.2)
    for module in (hub, streams):
        monkeypatch.setattr(module, "PARTS", 4)

    async def story(opened):
        browsers = [Browser(f"reader{number}") for number in range(8)]
        coming = [asyncio.create_task(opened(each.scope, each.receive, each.send)) for each in browsers]
        await until(lambda: all(("beat", 1, None) in each.events for each in browsers))
        for each in browsers:
            each.left.set()
        await asyncio.gather(*coming)

    play(house, story)


def test_when_the_server_ends_no_stream_holds_it_up(house):
    async def story(opened):
        browser = Browser()
        stream = asyncio.create_task(opened(browser.scope, browser.receive, browser.send))
        await until(lambda: browser.events)
        opened.hub.close()
        async with asyncio.timeout(1):
            await stream
        late = Browser()
        await opened(late.scope, late.receive, late.send)

        assert late.status == 503

    play(house, story)


def test_a_moment_without_a_database_does_not_end_the_news(house, monkeypatch):
    async def story(opened):
        browser = Browser()
        stream = asyncio.create_task(opened(browser.scope, browser.receive, browser.send))
        await until(lambda: browser.events)
        look, fails = house.look, [OSError("away")]
        house.look = lambda audiences: look(audiences) if not fails else _fail(fails)
        house.news.append("one")
        await until(lambda: browser.heard() == ["one"])
        browser.left.set()
        await stream

    def _fail(fails):
        raise fails.pop()

    play(house, story)


def test_a_door_that_fails_lets_nobody_in_and_the_others_hear_on(house):
    async def story(opened):
        browser, bad = Browser(), Browser(name="bad")
        stream = asyncio.create_task(opened(browser.scope, browser.receive, browser.send))
        await until(lambda: browser.events)
        admit = house.admit
        house.admit = lambda asked: admit(asked) if asked.cookies["name"] != "bad" else {}["bad"]
        await opened(bad.scope, bad.receive, bad.send)
        house.news.append("one")
        await until(lambda: browser.heard() == ["one"], seconds=0.9)
        browser.left.set()
        await stream

        assert bad.status == 503

    play(house, story)


def test_too_many_at_the_door_are_asked_to_come_back(house, monkeypatch):
    monkeypatch.setattr(streams, "MOST_AT_DOORS", -1)

    async def story(opened):
        browser = Browser()
        await opened(browser.scope, browser.receive, browser.send)

        assert browser.status == 503

    play(house, story)


def test_a_reader_who_does_not_read_is_sent_away_and_one_of_very_many_too():
    async def story():
        hub = Hub()
        slow = hub.subscribe("slow")
        many = [hub.subscribe("many") for _ in range(MOST_OF_ONE + 1)]

        slow.tell(b"x" * (PATIENCE + 1))

        assert slow.is_over
        assert [each.is_over for each in many] == [True] + [False] * MOST_OF_ONE

    loops.play(story())


@pytest.mark.parametrize(
    ("sent", "after"), [("17", 17), ("", None), ("-1", None), ("x", None), ("9" * 30, None)]
)
def test_a_place_nobody_gave_out_means_from_now_on(sent, after):
    scope = {"headers": [(b"last-event-id", sent.encode())], "query_string": b""}

    assert Asked.read(scope).after == after
