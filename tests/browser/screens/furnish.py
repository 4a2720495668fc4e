"""Fills the demo company with one of everything that has a page of its own, and lets people in.

It runs on the data of a site: `python -m tests.browser.screens.furnish` prints what pages are called and
the cookies with which they are seen, as JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from importlib import import_module
from time import time
from typing import Any

import django

DAY = 86_400


def main() -> None:
    """Furnish the site and say how its screens are reached."""
    django.setup()
    from ahadi.testing import make
    from ahadi.tickets.models import Ticket

    mailed = Ticket.objects.get(subject__startswith="Parcel lost")
    foreign = Ticket.objects.exclude(pk=mailed.pk).filter(language="en").earliest("pk")
    chief = make.admin("Ada Stone", email="ada@marlo.example")
    words = {
        "mailed": mailed.number,
        "foreign": foreign.number,
        "solved": Ticket.objects.filter(status="solved").earliest("pk").number,
        "waiting": Ticket.objects.filter(status="waiting").earliest("pk").number,
        "entry": mailed.last_seq,
        **_tickets(mailed, foreign, chief),
        **_settings(chief),
        **_complaint(chief),
    }
    cookies = {"owner": _owner(mailed)}
    own = {}
    for language in ("en", "fa", "he", "ro", "sw"):
        reader = _reader(language)
        cookies[language], own[language] = _signed_in(reader), _own(reader)
    sys.stdout.write(json.dumps({"words": words, "own": own, "cookies": cookies}))


def _reader(language: str) -> Any:
    """An administrator who reads in this language, with a second factor and in management."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP

    from ahadi.people.models import Team
    from ahadi.testing import make

    names = {"en": "Lena Hart", "fa": "مینا راد", "he": "דנה לוי", "ro": "Elena Pop", "sw": "Neema Juma"}
    teams = list(Team.objects.all())
    agent = make.admin(
        names[language], email=f"reader-{language}@marlo.example", language=language, teams=teams
    )
    agent.set_password("a long password of nobody")
    agent.save()
    TOTP.activate(agent, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(agent)
    return agent


def _own(agent: Any) -> dict[str, Any]:
    """What one reader alone sees: a change of many tickets, a year as their language counts it."""
    from ahadi.calendars import year
    from ahadi.lib import clock
    from ahadi.tickets import batches
    from ahadi.tickets.models import Ticket

    batch = batches.plan(agent, [each.pk for each in Ticket.objects.all()[:3]], {"priority": 3})
    return {"batch": batch.pk, "calendar": year.year_of(clock.now().date(), agent.language)}


def _signed_in(agent: Any) -> str:
    """The cookie of an agent who has just shown who they are, and for a day."""
    from django.conf import settings

    values = {
        "_auth_user_id": str(agent.pk),
        "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[-1],
        "_auth_user_hash": agent.get_session_auth_hash(),
        "account_authentication_methods": [
            {"method": "password", "reauthenticated": True, "at": time() + DAY}
        ],
        "account_authentication_methods_user": str(agent.pk),
        "seen": int(time()),
    }
    return _session(values)


def _owner(ticket: Any) -> str:
    """The cookie of the guest who asked."""
    now = int(time())
    return _session({"guest": {ticket.number: [ticket.address_id, now, now]}})


def _session(values: dict[str, Any]) -> str:
    from django.conf import settings

    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session.update(values)
    session.create()
    return str(session.session_key)


def _tickets(mailed: Any, foreign: Any, chief: Any) -> dict[str, Any]:
    from ahadi.channels import leaving
    from ahadi.people.models import Address
    from ahadi.testing import make
    from ahadi.tickets import chores, linking, merging, persons

    made = Address.objects.get_or_create(
        kind="phone",
        value="+442079460999",
        defaults={"customer": make.customer("Ruth Cole"), "shown": "+44 20 7946 0999"},
    )[0]
    phoned = make.ticket(
        "The lid does not close. It is the small one, and I bought it in May.",
        "The lid does not close", channel="form", by=made,
    )  # fmt: skip
    merged = make.ticket(by=Address.objects.get(customer=mailed.requester), subject="Where is it?")
    merging.merge(merged, mailed, by=chief)
    linking.link(foreign, phoned, "related", by=chief)
    chores.add(mailed, "Ask the depot for a picture", by=chief)
    chores.spend(mailed, 12, by=chief)
    persons.merge(mailed, make.customer("I. Munteanu"), by=chief)
    leaving.put(foreign, "The filter set leaves us today.", by=chief, then="open", seq=foreign.last_seq)
    return {"phoned": phoned.number, "merged": merged.number}


def _settings(chief: Any) -> dict[str, Any]:
    from ahadi.automation.models import Macro, SavedReply, SavedText
    from ahadi.channels import intake
    from ahadi.channels.models import Checkup, Inbox
    from ahadi.desk.models import SavedSearch
    from ahadi.ledger.models import Night
    from ahadi.lib import clock
    from ahadi.outbox import jobs
    from ahadi.promises.models import Policy
    from ahadi.testing import make
    from ahadi.tickets.models import Erasure, Field, Tag

    reply = SavedReply.objects.first() or SavedReply.objects.create(name="Refund", folder="Money")
    if not reply.texts.exists():
        SavedText.objects.create(reply=reply, language="en", text="Hello {{name}}, your money is on its way.")
    macro = Macro.objects.create(name="Close as refunded", reply=reply, actions=[["solve", ""]])
    field = Field.objects.create(name="Order", code="order-no")
    search = SavedSearch.objects.create(name="Refunds that wait", query="tag:refund is:waiting")
    forgotten = make.customer("Otto Leaves")
    erasure = Erasure.objects.create(customer=forgotten, reason="withdrawn", asked_by=chief)
    policy = Policy.objects.create(name="Everybody", first=timedelta(hours=4))
    checkup = Checkup.objects.create(inbox=Inbox.objects.earliest("pk"))
    raw = intake.accept(
        b"From: Promo <win@prizes.example>\r\nTo: help@marlo.example\r\nSubject: Win a prize\r\n"
        b"Message-ID: <prize@prizes.example>\r\nX-Spam-Flag: YES\r\n\r\nClick here.\r\n",
        "win@prizes.example",
        ["help@marlo.example"],
    )
    jobs.run_due()
    # In the small hours the worker has begun one itself.
    now = clock.now()
    Night.objects.get_or_create(day=now.date(), defaults={"ended": now, "count": 0})
    return {
        "reply": reply.pk, "macro": macro.pk, "field": field.pk, "saved": search.pk, "erasure": erasure.pk,
        "person": forgotten.pk, "checkup": checkup.pk, "policy": policy.pk, "raw": raw.pk, "agent": chief.pk,
        "tag": Tag.objects.earliest("pk").pk,
    }  # fmt: skip


def _complaint(chief: Any) -> dict[str, Any]:
    from ahadi.complaints import handling
    from ahadi.complaints.handling import Handed
    from ahadi.complaints.models import Rules
    from ahadi.people.models import Team
    from ahadi.testing import make

    team, _made = Team.objects.get_or_create(name="Management", defaults={"is_private": True})
    Rules.objects.update_or_create(pk=1, defaults={"team": team, "profile": "ro_og_27_2002"})
    address = make.address("pop@post.example", name="Ioana Pop")
    complaint = handling.take_in(Handed(address=address, text="The line is dead.", subject="No line"))
    return {"year": complaint.year, "serial": complaint.serial}


if __name__ == "__main__":
    main()
