from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ahadi.api import asked, description, given
from ahadi.lib.environment import ROOT
from ahadi.testing import make
from ahadi.tickets.models import Ticket

pytestmark = pytest.mark.django_db

KEPT = ROOT / "docs/reference/openapi.json"
OPERATIONS = [
    (path, verb) for path, verbs in sorted(description.schema()["paths"].items()) for verb in sorted(verbs)
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_the_kept_description_is_the_one_that_is_served(client):
    served = client.get("/api/openapi.json")

    assert served["Content-Type"].startswith("application/json")
    assert served.json()["openapi"].startswith("3.1")
    # After a change on purpose: .venv/bin/python -m ahadi.api > docs/reference/openapi.json
    assert served.content.decode() == KEPT.read_text()


def test_no_two_shapes_share_a_name():
    shapes = [
        shape for module in (asked, given) for shape in vars(module).values() if isinstance(shape, type)
    ]
    own = [shape.__name__ for shape in shapes if shape.__module__ in (asked.__name__, given.__name__)]

    assert len(own) == len(set(own))


def test_every_call_is_described_in_words():
    calls = [call for verbs in description.schema()["paths"].values() for call in verbs.values()]

    assert len(calls) >= 16
    assert [call["operationId"] for call in calls if not (call.get("description") and call["summary"])] == []


def test_people_read_every_call_on_a_page(client):
    page = client.get("/api/docs/")

    assert page.status_code == 200
    for path in description.schema()["paths"]:
        assert path in page.content.decode()


@pytest.fixture
def application():
    """The whole product in the test's own transaction, as Django's test client calls it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "verb"), OPERATIONS)
def test_every_call_keeps_to_its_description(program, application, path, verb, mode):
    ticket = make.ticket()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    headers = {"Authorization": program.client.defaults["HTTP_AUTHORIZATION"]}

    @hypothesis.given(schema[path][verb].as_strategy(generation_mode=mode))
    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def play(case):
        if "number" in (case.path_parameters or {}) and mode == GenerationMode.POSITIVE:
            case.path_parameters["number"] = ticket.number
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    play()

    assert Ticket.objects.filter(pk=ticket.pk).exists()
