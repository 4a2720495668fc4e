"""Requests that came by other ways, or went on in another one, in the panel."""

from __future__ import annotations

import pytest

from ahadi.channels.models import SiteKey, Talk
from ahadi.testing import make
from ahadi.testing.panel import Panel
from ahadi.tickets import merging
from ahadi.tickets.models import Entry, Ticket
from ahadi.widget.tests.test_identity import SECRET, token

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(site) -> SiteKey:
    key = SiteKey(site=site, algorithm="HS256")
    key.secret = SECRET
    key.save()
    return key


@pytest.fixture
def anna(client, site, key) -> Panel:
    """Anna, whom the website has named, and whose address is known."""
    return Panel(client, site, identity=token(key, email="anna@post.example", email_verified=True))


def test_a_proven_person_goes_on_in_the_panel_with_what_they_wrote_by_mail(client, site, anna):
    # Given a request by mail, with an answer and a note, and one of somebody else.
    mail = make.ticket("The grinder stops", by=make.address("anna@post.example"))
    mara = make.agent("Mara Lind")
    mail.reply("Does it blink?", by=mara)
    mail.note("Third time this week", by=mara)
    other = make.ticket(by=make.address("bela@post.example"))
    before = Entry.objects.count()

    # When she opens it by its code, and writes.
    opened = anna.call("POST", "open", {"code": mail.number})
    said = anna.say("Three times red")

    # Then she reads both sides of it without the note, and her word belongs to it.
    assert [entry["text"] for entry in opened["entries"]] == ["The grinder stops", "Does it blink?"]
    assert (said["talk"]["code"], said["entry"]["seq"]) == (mail.number, 3)
    mail.refresh_from_db()
    assert (mail.channel, mail.status, Entry.objects.count()) == ("chat", "open", before + 1)
    # What is answered comes here from now on, and what is another's stays closed.
    mail.reply("Then it is too warm", by=mara)
    assert [entry["seq"] for entry in anna.state()["entries"]][:4] == [1, 2, 3, 4]
    assert anna.call("POST", "open", {"code": other.number})["status"] == 404
    stranger = Panel(client, site)
    stranger.say("Hello")
    assert stranger.call("POST", "open", {"code": mail.number})["status"] == 404


def test_a_merged_talk_goes_on_where_it_was_merged(client, site, anna):
    # Given a talk about what was written by mail before.
    mail = make.ticket("The grinder stops", by=make.address("anna@post.example"))
    anna.say("My grinder again")
    talk, mara = Ticket.objects.get(channel="chat"), make.agent("Mara Lind")
    assert talk.requester == mail.requester

    # When somebody merges the two.
    merging.merge(talk, mail, by=mara)
    state = anna.state()
    said = anna.say("Are you there?")

    # Then the panel shows the living one, and nobody begins a third.
    assert state["talk"]["code"] == mail.number
    assert [entry["text"] for entry in state["entries"]] == ["The grinder stops"]
    assert said["talk"]["code"] == mail.number
    assert said["entry"]["seq"] == 2
    assert Ticket.objects.count() == 2
    # Its old code leads there too, and taken apart again each is itself.
    assert anna.call("POST", "open", {"code": talk.number})["talk"]["code"] == mail.number
    talk.refresh_from_db()
    merging.unmerge(talk, by=mara)
    assert anna.call("POST", "open", {"code": talk.number})["talk"]["code"] == talk.number


def test_who_only_takes_part_reads_nothing_of_it_in_the_panel(client, site):
    panel = Panel(client, site)
    panel.say("It stops")
    talk, mara = Ticket.objects.get(), make.agent("Mara Lind")
    other = make.ticket(by=make.address("bela@post.example"))
    merging.merge(talk, other, by=mara, is_shared=True)
    assert not Talk.objects.filter(pk=other.pk).exists()
    assert panel.state()["talk"] is None
