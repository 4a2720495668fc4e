"""The keys of the desk: told on the page, changed by each agent for themselves."""

from __future__ import annotations

import json

import pytest
from django.utils.html import escape

from ahadi.desk.keyboard import KEYS, told
from ahadi.testing import make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen")]


def typed(**changes: str) -> dict[str, str]:
    return {"keys_on": "on", "density": "", **{f"key_{key.action}": key.key for key in KEYS}, **changes}


def test_no_two_actions_have_one_key():
    keys = [key.key for key in KEYS]

    assert len(keys) == len(set(keys))
    assert "g" not in keys


def test_the_page_tells_the_script_which_key_does_what(desk, agent):
    page = desk.get("/desk/open/").content.decode()

    assert f'data-keys="{escape(told(agent))}"' in page.replace("&#34;", "&quot;")
    assert json.loads(told(agent))["j"] == "next"


def test_a_key_is_changed_for_oneself_alone(desk, agent):
    answer = desk.post("/desk/settings/keys/", typed(key_next="V", density="compact"))

    agent.refresh_from_db()
    assert answer.status_code == 302
    assert json.loads(told(agent))["v"] == "next"
    assert json.loads(told(make.agent("Ben Otieno")))["j"] == "next"
    assert "list--compact" in desk.get("/desk/open/").content.decode()


@pytest.mark.parametrize("sign", ["k", "g", "9", "ت"])
def test_a_key_that_cannot_be_is_refused(desk, agent, sign: str):
    answer = desk.post("/desk/settings/keys/", typed(key_next=sign))

    agent.refresh_from_db()
    assert answer.status_code == 422
    assert agent.preferences == {}


def test_single_keys_are_switched_off(desk, agent):
    desk.post("/desk/settings/keys/", {key: value for key, value in typed().items() if key != "keys_on"})

    agent.refresh_from_db()
    assert told(agent) == "{}"


def test_the_page_of_keys_shows_what_was_chosen(desk, agent):
    agent.preferences = {"keys": {"next": "v"}}
    agent.save()

    page = desk.get("/desk/settings/keys/").content.decode()

    assert 'name="key_next" value="v"' in page
