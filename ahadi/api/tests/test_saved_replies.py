"""Prepared words, read by a program."""

from __future__ import annotations

import pytest

from ahadi.automation.models import SavedReply, SavedText
from ahadi.testing import make

pytestmark = pytest.mark.django_db


def test_a_program_reads_the_words_of_everybody_and_of_its_teams(program):
    everybody = SavedReply.objects.create(name="Refund", folder="Money")
    SavedText.objects.create(reply=everybody, language="en", text="Hello {{customer.first_name|there}}")
    SavedText.objects.create(reply=everybody, language="fa", text="سلام")
    SavedReply.objects.create(name="Secret of the workshop", team=make.team("Workshop"))

    answer = program.get("saved-replies")

    assert [(each["name"], each["folder"], each["team"]) for each in answer.json["data"]] == [
        ("Refund", "Money", None)
    ]
    assert answer.json["data"][0]["texts"] == {"en": "Hello {{customer.first_name|there}}", "fa": "سلام"}
