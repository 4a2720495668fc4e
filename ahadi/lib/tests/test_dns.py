"""Questions to the DNS are bounded, kept, and never an exception of somebody else."""

from __future__ import annotations

from time import monotonic

import pytest
from dns import exception, resolver

from ahadi.lib import dns


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """A network of our own: what was asked; nothing is known there."""
    found: list[str] = []

    def resolve(name: str, *_: object, **__: object) -> None:
        found.append(name)
        if "silent" in name:
            raise exception.Timeout
        if "broken" in name:
            raise OSError("no network")
        raise resolver.NXDOMAIN

    monkeypatch.setattr(dns, "_zone", None)
    monkeypatch.setattr(dns, "_kept", {})
    monkeypatch.setattr(resolver, "resolve", resolve)
    return found


def test_an_answer_is_kept(asked):
    assert dns.txt("post.example") == dns.txt("POST.example.") == []
    assert asked == ["post.example"]


@pytest.mark.parametrize("name", ["silent.example", "broken.example"])
def test_silence_is_told_and_kept_for_a_while(asked, name):
    for _ in range(2):
        with pytest.raises(dns.Silent):
            dns.txt(name)

    assert asked == [name]


def test_questions_of_one_matter_share_their_time(asked):
    with dns.within(-1), pytest.raises(dns.Silent):
        dns.txt("late.example")

    assert asked == []


@pytest.mark.parametrize("name", ["", ".", "a" * 300, "x" * 254])
def test_what_is_no_name_is_not_asked(asked, name):
    assert dns.txt(name) == []
    assert asked == []


def test_what_is_kept_stays_within_bounds(asked, monkeypatch):
    monkeypatch.setattr(dns, "MOST_KEPT", 3)

    for number in range(10):
        dns.txt(f"{number}.example")

    assert len(dns._kept) == 3


def test_a_table_answers_with_servers_in_their_order():
    zone = {"post.example": {"MX": ["20 b.example.", "10 a.example."], "A": ["192.0.2.1"]}}

    with dns.answering(zone):
        assert dns.mx("post.example") == ["a.example", "b.example"]
        assert dns.addresses("post.example") == ["192.0.2.1"]


def test_a_strange_name_costs_no_time():
    start = monotonic()

    with dns.answering({}):
        assert dns.names("not an address") == []

    assert monotonic() - start < 1
