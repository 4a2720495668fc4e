"""Why a mail stands where it stands, and what is known of its sender, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _


class Fact(NamedTuple):
    """One thing that was found out about a mail; codes and addresses keep their direction."""

    name: str
    value: str
    is_code: bool = False


class Why(NamedTuple):
    """The sentence, what is known of the sender (kind is ok, warn or empty), and all facts behind it."""

    says: str
    sender: str
    kind: str
    facts: list[Fact]
    # Where the sender wants answers, if that is another address than the one they go to.
    elsewhere: str = ""
    # The number of a ticket that the mail may belong to as well.
    suggested: str = ""


def read(data: Mapping[str, Any]) -> Why | None:
    """What is known about an entry; None where it did not come as a mail."""
    if not data.get("from"):
        return None
    found = data.get("evidence") or {}
    checked = data.get("authentication") or {}
    sender, kind = _sender(data, checked)
    is_new = found.get("decision") == "new"
    says = _("Here because it began this ticket.") if is_new else _because(str(found.get("by", "")))
    return Why(
        says or _("Here because somebody let it in."),
        sender,
        kind,
        [*_facts(data, found), *_checks(checked)],
        ", ".join(map(str, data.get("reply_to", ()))),
        str(found.get("ticket", "")) if is_new else "",
    )


def _because(code: str) -> str:
    return {
        "outside": _("Here because it answers what one of you asked somebody outside."),
        "token": _("Here because it answers an address that only this ticket has."),
        "our_id": _("Here because it answers a mail of ours."),
        "their_id": _("Here because it continues a mail of this ticket."),
        "marker": _("Here because it quotes a mail of ours."),
        "tracker": _("Here because another tracker uses the same number."),
        "subject": _("Here because the tracking code stands in its subject."),
        "last_said": _("Here because a machine answered our last mail to this address."),
        "agent_reply": _("Here because it came to an address that one of you was given."),
        "agent_note": _("Here because it came to an address that one of you was given."),
    }.get(code, "")


def _sender(data: Mapping[str, Any], checked: Mapping[str, Any]) -> tuple[str, str]:
    verdict = checked.get("verdict")
    if verdict == "pass":
        given = {"domain": f"\u2066{checked.get('domain', '')}\u2069"}
        if checked.get("by") == "server":
            return _("Sender proven: your mail server vouches for %(domain)s") % given, "ok"
        if checked.get("by") == "seal":
            return _("Sender proven: %(domain)s saw the proof and passed the mail on") % given, "ok"
        return _("Sender proven by %(domain)s") % given, "ok"
    if verdict == "fail":
        return _("May not be from %(name)s") % {"name": f"\u2068{data['from']}\u2069"}, "warn"
    return _("Sender not proven"), ""


def _facts(data: Mapping[str, Any], found: Mapping[str, Any]) -> list[Fact]:
    facts = [Fact(_("From"), str(data["from"]))]
    if data.get("cc"):
        facts.append(Fact(_("Copy to"), ", ".join(map(str, data["cc"])), True))
    if data.get("forwarded_by"):
        facts.append(Fact(_("Passed on by"), str(data["forwarded_by"])))
    if found.get("detail"):
        facts.append(Fact(_("Found in it"), str(found["detail"]), True))
    if found.get("merged"):
        facts.append(Fact(_("Sent to the merged ticket"), str(found["merged"]), True))
    if found.get("same_id"):
        facts.append(Fact(_("Note"), _("Another mail with other words has the same identifier.")))
    if data.get("code_mail"):
        facts.append(Fact(_("Note"), _("It may hold a one-time code, so no customer sees it.")))
    return facts


def _checks(checked: Mapping[str, Any]) -> list[Fact]:
    return [
        Fact(name.upper(), str(checked[name]), True)
        for name in ("dkim", "spf", "dmarc", "arc")
        if checked.get(name)
    ]
