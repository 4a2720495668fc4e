from __future__ import annotations

from datetime import timedelta

import pytest

from ahadi.promises.models import Policy
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def test_a_program_reads_every_clock_with_its_segments(program, frozen):
    make.company()
    Policy.objects.create(name="Everybody", first=timedelta(hours=4))
    ticket = make.ticket()

    answer = program.get(f"tickets/{ticket.number}/targets")

    (first,) = answer.json
    assert (first["metric"], first["policy"], first["ended"]) == ("first", "Everybody", None)
    assert first["due"] == "2026-12-02T14:00:00Z"
    assert [part["state"] for part in first["segments"]] == ["running"]


def test_a_program_promises_nothing_beyond_the_rhythm(program):
    make.company()
    ticket = make.ticket()
    step = {"text": "The part arrives", "due": "2026-12-20T10:00:00Z"}

    answer = program.post(
        f"tickets/{ticket.number}/replies",
        {"body": "It takes longer.", "next_step": step},
        {"Idempotency-Key": "one"},
    )

    assert answer.status == 422
    assert "beyond_rhythm" in answer.content.decode()
