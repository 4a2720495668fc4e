"""Every rule of the guides for the ledger and complaints is named in the reference with tests that exist."""

from __future__ import annotations

import re

import pytest

from ahadi.complaints.profiles import PROFILES
from ahadi.lib.environment import ROOT
from ahadi.lib.tests.shared import ROOT as MATERIAL
from tests.test_mail_rules import existing

TABLE = (ROOT / "docs/reference/proof.md").read_text()


def test_every_rule_of_the_ledger_has_its_row():
    guide = MATERIAL.parent / "guide" / "ledger-and-receipts.md"
    if not guide.exists():
        pytest.skip("The guide is not beside this checkout.")

    asked = set(re.findall(r"\*\*(T-\d\d)", guide.read_text()))

    assert sorted(asked - set(re.findall(r"^\| (T-\d\d) \|", TABLE, re.MULTILINE))) == []


def test_every_test_that_is_named_exists():
    names = set(re.findall(r"`(test_\w+)`", TABLE))

    assert names
    assert sorted(names - existing() - {"test_proof_rules"}) == []


def test_every_profile_has_its_row():
    assert set(re.findall(r"^\| `(\w+)` \|", TABLE, re.MULTILINE)) == set(PROFILES)
