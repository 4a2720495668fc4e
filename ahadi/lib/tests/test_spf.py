"""Sender policies: the suite of openspf.org for RFC 7208, whole."""

from __future__ import annotations

from typing import Any

import pytest
from dns import reversename

from ahadi.lib import dns, spf


def zone_of(data: dict[str, list[Any]]) -> dns.Zone:
    """The names of one scenario; SPF records stand for TXT records too where there are none."""
    return {name: _records(rows) for name, rows in data.items()}


def _records(rows: list[Any]) -> dict[str, Any]:
    records: dict[str, Any] = {}
    is_silent = "TIMEOUT" in rows
    given = [pair for row in rows if isinstance(row, dict) for pair in row.items()]
    has_text = any(kind == "TXT" for kind, _value in given)
    for kind, value in given:
        if kind == "SPF" and not has_text:
            kind = "TXT"
        if kind == "MX":
            value = f"{value[0]} {value[1]}"
        elif isinstance(value, list):
            value = "".join(value)
        if value != "NONE":
            records.setdefault(kind, []).append(value)
    if is_silent:
        answered = {kind for kind, _value in given if kind in records}
        records |= {kind: dns.SILENCE for kind in ("TXT", "A", "AAAA", "MX", "PTR") if kind not in answered}
    return records


def scenarios(material) -> list[dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    return list(yaml.safe_load_all((material / "data/mailauth/spf/rfc7208-tests.yml").read_text()))


def test_every_case_of_the_suite_is_judged_as_it_says(material):
    wrong, count = [], 0
    for scenario in scenarios(material):
        zone = zone_of(scenario["zonedata"])
        for name, case in scenario["tests"].items():
            expected = case["result"] if isinstance(case["result"], list) else [case["result"]]
            with dns.answering(zone):
                found = spf.check(case["host"], case["mailfrom"], case["helo"])
            count += 1
            if found not in expected:
                wrong.append((scenario["description"], name, found, expected))

    assert count > 200
    assert wrong == []


def test_a_caller_of_an_allowed_network_passes():
    zone = {"post.example": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]}}

    with dns.answering(zone):
        assert spf.check("192.0.2.7", "anna@post.example", "mx.post.example") == "pass"
        assert spf.check("::ffff:192.0.2.7", "anna@post.example", "mx.post.example") == "pass"
        assert spf.check("198.51.100.7", "anna@post.example", "mx.post.example") == "fail"
        assert spf.check("198.51.100.7", "anna@else.example", "mx.post.example") == "none"


def test_a_silent_server_is_no_answer():
    with dns.answering({"post.example": dns.SILENCE}):
        assert spf.check("192.0.2.7", "anna@post.example", "mx.post.example") == "temperror"


def test_an_address_is_asked_for_its_names():
    name = str(reversename.from_address("192.0.2.7"))

    with dns.answering({name: {"PTR": ["mx.post.example."]}}):
        assert dns.names("192.0.2.7") == ["mx.post.example"]
