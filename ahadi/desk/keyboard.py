"""The keys of the desk: what each does, and what an agent made of them."""

from __future__ import annotations

import json
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ahadi.people.models import Agent


class Key(NamedTuple):
    """One action, its usual key and what it does in words."""

    action: str
    key: str
    text: str | Promise


# Single keys can be changed and switched off (WCAG 2.1.4); letters mean the place on the keyboard.
KEYS = (
    Key("next", "j", _("next ticket")),
    Key("previous", "k", _("previous ticket")),
    Key("open", "o", _("open the ticket")),
    Key("back", "u", _("back to the list")),
    Key("search", "/", _("search")),
    Key("reply", "r", _("reply")),
    Key("note", "n", _("internal note")),
    Key("assign", "a", _("assign")),
    Key("mine", "i", _("assign to me")),
    Key("status", "s", _("status")),
    Key("solve", "e", _("solve")),
    Key("snooze", "h", _("snooze")),
    Key("tags", "t", _("tags")),
    Key("priority", "p", _("priority")),
    Key("promise", "d", _("promise: next step and due time")),
    Key("macro", "m", _("macro")),
    Key("call", "c", _("write down a call")),
    Key("select", "x", _("select the row")),
    Key("undo", "z", _("undo")),
    Key("views", "[", _("searches in and out")),
    Key("panel", "]", _("customer's panel in and out")),
    Key("help", "?", _("all keys")),
)
# These hold a modifier or follow another key, so they stay as they are.
FIXED = (
    ("Ctrl K", _("go anywhere: tickets, searches, settings, actions")),
    ("Enter", _("open the ticket")),
    ("Esc", _("back to the list")),
    ("Shift A", _("assign to me")),
    ("Shift ↑ ↓", _("select several rows")),
    ("Ctrl E", _("solve, then the next ticket")),
    ("Ctrl Enter", _("send")),
    ("Ctrl Shift Enter", _("send and solve")),
    ("Ctrl .", _("copy the tracking code")),
    ("Ctrl Shift .", _("copy the link")),
    ("G I", _("go to the open tickets")),
    ("G P", _("go to the promises due today")),
    ("G B", _("go to the broken promises")),
    ("G U", _("go to what nobody has")),
    ("G M", _("go to mine")),
    ("G S", _("go to the settings")),
)
ALLOWED = "abcdefhijklmnopqrstuvwxyz/[];',.\\=-`?"


def keys_of(agent: Agent) -> list[Key]:
    """Every action with the key this agent gave it; empty where single keys are off."""
    if agent.preferences.get("keys_off"):
        return [key._replace(key="") for key in KEYS]
    own = agent.preferences.get("keys", {})
    return [key._replace(key=own.get(key.action, key.key)) for key in KEYS]


def told(agent: Agent) -> str:
    """The same for the script: action by key."""
    return json.dumps({key.key: key.action for key in keys_of(agent) if key.key})
