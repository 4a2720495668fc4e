from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from limits import RateLimitItemPerMinute

from ahadi.api import idempotency, quota, tokens
from ahadi.api.models import IdempotencyKey, Token
from ahadi.lib import clock
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("shown", [None, "Bearer", "Bearer nonsense", "Bearer ahadi_pat_x", "Basic abc"])
def test_without_a_token_nothing_is_told(db, shown):
    headers = {"authorization": shown} if shown else {}

    response = Client(headers=headers).get("/api/v1/tickets")

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["code"] == "unauthorized"


def test_a_token_is_stored_hashed_carries_a_checksum_and_ends(frozen):
    agent = make.agent()
    text = tokens.issue(agent, ["tickets:read"], lifetime=timedelta(days=1))
    changed = text[:-1] + ("0" if text[-1] != "0" else "1")

    assert text.startswith("ahadi_pat_")
    assert text not in str(Token.objects.values().get())
    assert tokens.find(text).agent == agent
    assert tokens.find(changed) is None
    with clock.at(frozen + timedelta(days=1)):
        assert tokens.find(text) is None
    agent.is_active = False
    agent.save()
    assert tokens.find(text) is None


def test_the_last_use_of_a_token_is_remembered_to_the_minute(program, frozen, django_assert_num_queries):
    program.get("teams")
    first = Token.objects.get().last_used

    with clock.at(frozen + timedelta(seconds=30)):
        program.get("teams")
        second = Token.objects.get().last_used
    with clock.at(frozen + timedelta(seconds=90)):
        program.get("teams")

    assert first == second == frozen
    assert Token.objects.get().last_used == frozen + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("scopes", "call", "expected"),
    [
        (["tickets:read"], ("GET", "tickets"), 200),
        (["tickets:read"], ("POST", "tickets"), 403),
        (["tickets:write"], ("GET", "tickets"), 403),
        (["tickets:read"], ("GET", "customers"), 403),
        (["customers:read"], ("GET", "customers"), 200),
        (["tickets:read", "tickets:write", "customers:read"], ("GET", "events"), 403),
        (["tickets:read"], ("GET", "raw"), 403),
        (["admin:read"], ("GET", "raw"), 200),
        (["admin:read"], ("GET", "tickets"), 200),
        (["admin:read"], ("POST", "tickets"), 403),
        (["admin:*"], ("GET", "events"), 200),
        (["admin:*"], ("POST", "tickets"), 201),
    ],
)
def test_a_scope_opens_what_it_names(program_of, wish, scopes, call, expected):
    program = program_of(make.admin(), *scopes)

    answer = program.send(*call, json.dumps(wish) if call[0] == "POST" else "")

    assert answer.status == expected
    if expected == 403:
        assert answer.json["code"] == "missing_scope"


def test_an_agent_with_an_administrators_scope_is_still_no_administrator(program_of):
    program = program_of(make.lead(), "admin:read", "admin:*")

    assert program.get("events").status == program.get("raw").status == program.get("tickets").status == 403


def test_no_session_lets_anybody_in(client, db):
    client.force_login(make.admin(), backend=settings.AUTHENTICATION_BACKENDS[0])

    assert client.get("/api/v1/tickets").status_code == 401


def test_the_same_key_and_body_happen_once(program, wish):
    first = program.post("tickets", wish, {"Idempotency-Key": "one"})
    second = program.post("tickets", wish, {"Idempotency-Key": "one"})
    other = program.post("tickets", wish, {"Idempotency-Key": "two"})

    assert (second.status, second.json) == (201, first.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert other.json["number"] != first.json["number"]
    assert Ticket.objects.count() == 2


def test_the_same_key_with_another_body_is_refused(program, wish):
    program.post("tickets", wish, {"Idempotency-Key": "one"})

    answer = program.post("tickets", {**wish, "body": "Another."}, {"Idempotency-Key": "one"})

    assert (answer.status, answer.json["code"]) == (422, "idempotency_key_reused")
    assert Ticket.objects.count() == 1


def test_a_key_that_is_still_running_is_refused(program, wish):
    with idempotency._alone(f"{Token.objects.get().pk} /api/v1/tickets one"):
        answer = program.post("tickets", wish, {"Idempotency-Key": "one"})

    assert (answer.status, answer.json["code"]) == (409, "idempotency_key_running")
    assert program.post("tickets", wish, {"Idempotency-Key": "one"}).status == 201


def test_a_refused_request_uses_no_key_up(program, wish):
    refused = program.post("tickets", {**wish, "tags": [""]}, {"Idempotency-Key": "one"})
    taken = program.post("tickets", wish, {"Idempotency-Key": "one"})

    assert (refused.status, taken.status) == (422, 201)


def test_a_key_belongs_to_its_token_and_route_and_is_forgotten_after_a_day(program, program_of, wish, frozen):
    program.post("tickets", wish, {"Idempotency-Key": "one"})
    elsewhere = program_of(make.admin()).post("tickets", wish, {"Idempotency-Key": "one"})
    with clock.at(frozen + timedelta(hours=25)):
        later = program.post("tickets", wish, {"Idempotency-Key": "one"})

    assert "Idempotent-Replayed" not in elsewhere.headers
    assert "Idempotent-Replayed" not in later.headers
    assert IdempotencyKey.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_none_is_refused(program, wish, key):
    answer = program.post("tickets", wish, {"Idempotency-Key": key})

    assert (answer.status, answer.json["code"]) == (400, "idempotency_key")


def test_every_answer_tells_what_is_left_and_too_much_is_refused(program, monkeypatch):
    monkeypatch.setattr(quota, "PER_MINUTE", RateLimitItemPerMinute(2))

    answers = [program.get("teams") for _ in range(3)]

    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=2;w=60'
    assert answers[0].headers["RateLimit"].startswith('"default";r=1;t=')
    assert int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].json["code"] == "quota_exceeded"


def test_what_does_not_exist_is_a_problem_too(program):
    nowhere = program.get("nowhere")
    wrong_verb = program.send("DELETE", "tickets", "")

    assert (nowhere.status, nowhere.json["code"]) == (404, "not_found")
    assert (wrong_verb.status, wrong_verb.json["code"]) == (405, "method_not_allowed")
    assert set(wrong_verb.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_a_fault_of_ours_tells_nothing_but_its_number(program, monkeypatch):
    monkeypatch.setattr("ahadi.api.people.Team.objects", None)

    answer = program.get("teams")

    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert b"NoneType" not in answer.content


def test_a_body_may_be_larger_than_a_form_but_not_endless(program, monkeypatch):
    ticket = make.ticket()
    large = program.post(f"tickets/{ticket.number}/notes", {"body": "x" * 900_000})
    monkeypatch.setattr("ahadi.api.door.LARGEST_BODY", 1000)

    refused = program.post(f"tickets/{ticket.number}/notes", {"body": "x" * 1000})

    assert large.status == 201
    assert (refused.status, refused.json["code"]) == (413, "too_large")
