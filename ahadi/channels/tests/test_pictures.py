"""Pictures that lie elsewhere: who may have them fetched, which are, and what is shown."""

from __future__ import annotations

import threading

import pytest
from django.test import Client
from django.urls import reverse

from ahadi.channels import pictures
from ahadi.lib import fetch, html
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20
PAGE = (
    '<p>Look <img alt=a src="https://pictures.example/a.png"><img src="//pictures.example/b.png" width=9>'
    '<img src="https://count.example/x.gif" width=1 height=1><img src="http://127.0.0.1/c.png"></p>'
)


def signed_in(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def entry():
    return make.ticket(html=PAGE, team=make.team()).entries.get(seq=1)


@pytest.fixture
def asked(monkeypatch):
    """What was asked for; machines other than pictures.example refuse."""
    found: list[str] = []

    def answer(address: str, limits: fetch.Limits) -> tuple[str, bytes]:
        found.append(address)
        if "pictures.example" not in address:
            raise fetch.Refused("not public")
        return "image/png", PNG

    monkeypatch.setattr(pictures.found, "__defaults__", (answer,))
    return found


def test_nothing_is_fetched_until_an_agent_asks(entry, asked):
    answer = signed_in(make.agent()).get(reverse("channels:html", args=[entry.pk]))

    assert asked == []
    assert b'data-remote-src="https://pictures.example/a.png"' in answer.content
    assert b"count.example" not in answer.content


def test_who_asks_sees_them_inside_the_page_and_nothing_is_loaded_by_the_browser(entry, asked):
    answer = signed_in(make.agent()).post(reverse("channels:pictures", args=[entry.pk]))

    assert sorted(asked) == [
        "http://127.0.0.1/c.png",
        "https://pictures.example/a.png",
        "https://pictures.example/b.png",
    ]
    assert answer.content.count(b"data:image/png;base64,") == 2
    assert b'data-remote-src="http://127.0.0.1/c.png"' in answer.content
    assert b' src="http' not in answer.content
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_page_that_is_only_read_fetches_nothing(entry, asked):
    assert signed_in(make.agent()).get(reverse("channels:pictures", args=[entry.pk])).status_code == 405
    assert asked == []


def test_neither_strangers_nor_agents_of_other_teams_have_anything_fetched(entry, asked):
    other = make.agent("Noor Aziz", teams=[make.team("Parts")])

    assert signed_in(other).post(reverse("channels:pictures", args=[entry.pk])).status_code == 404
    assert Client().post(reverse("channels:pictures", args=[entry.pk])).status_code == 302
    assert asked == []


def test_a_form_from_elsewhere_is_refused(entry, asked):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.agent())

    assert client.post(reverse("channels:pictures", args=[entry.pk])).status_code == 403
    assert asked == []


def test_only_so_many_and_so_much_is_fetched(monkeypatch):
    addresses = [f"https://pictures.example/{number}.png" for number in range(50)]
    monkeypatch.setattr(pictures, "LARGEST_TOGETHER", 100)

    found = pictures.found(addresses, lambda address, limits: ("image/png", PNG))

    assert len(found) == 100 // len(PNG)


def test_what_comes_too_late_is_left_out(monkeypatch):
    monkeypatch.setattr(pictures, "SECONDS", -0.9)
    never = threading.Event()

    def dawdle(address: str, limits: fetch.Limits) -> tuple[str, bytes]:
        if "slow" in address:
            never.wait(5)
        return "image/png", PNG

    found = pictures.found(["https://a.example/slow", "https://a.example/fast"], dawdle)
    never.set()

    assert list(found) == ["https://a.example/fast"]


def test_pictures_from_elsewhere_are_named_once_each_without_counters():
    assert html.remote_pictures(PAGE + PAGE) == [
        "https://pictures.example/a.png",
        "//pictures.example/b.png",
        "http://127.0.0.1/c.png",
    ]
    assert html.remote_pictures("<p>none</p>") == []
