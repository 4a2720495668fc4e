from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from ahadi.ledger import keys, log, verify
from ahadi.ledger.models import Checkpoint, Key, Line, Opening, Tile
from ahadi.lib import clock
from ahadi.testing import make
from ahadi.tickets import sequencing
from ahadi.tickets.models import Entry
from ahadi.tickets.said import PUBLIC

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.AHADI_DATA = tmp_path


def vkeys() -> list[str]:
    return list(Key.objects.values_list("vkey", flat=True))


def test_every_entry_gets_a_place_and_a_receipt_that_holds():
    ticket = make.ticket()
    ticket.note("He called again.", by=make.agent())
    ticket.reply("We have it.", by=make.agent())
    sequencing.sequence()

    text = sequencing.receipt(ticket)

    assert text is not None
    proven = verify.receipt(text, vkeys())
    # Everything that both sides read; of a note not even that it exists.
    said = ticket.entries.filter(kind__in=PUBLIC).order_by("seq")
    assert [event["seq"] for event in proven.events] == list(said.values_list("seq", flat=True))
    assert "note" not in text
    assert {event["case"] for event in proven.events} == {ticket.number}
    assert proven.events[0]["public"] == ""
    assert Line.objects.count() == Entry.objects.count() == log.last().size


def test_a_receipt_asked_for_at_once_does_not_wait_for_the_round():
    ticket = make.ticket()

    assert verify.receipt(str(sequencing.receipt(ticket)), vkeys()).events


def test_what_comes_while_the_log_is_signed_waits_for_the_next_round(monkeypatch):
    ticket, agent, grow = make.ticket(), make.agent(), log.grow
    there = Entry.objects.count()

    def grow_while_somebody_writes(follow, *, wait=False):
        added = grow(follow, wait=wait)
        ticket.note("Meanwhile.", by=agent)
        return added

    monkeypatch.setattr(log, "grow", grow_while_somebody_writes)

    assert sequencing.sequence() == there
    assert Checkpoint.objects.count() == 1
    assert sequencing.sequence() == 1


def test_a_log_that_is_far_behind_catches_up_in_one_round(monkeypatch):
    monkeypatch.setattr(log, "MOST", 2)
    for _ in range(5):
        make.ticket()

    assert sequencing.sequence() == Entry.objects.count()
    assert log.last().size == Entry.objects.count() > 5


def test_places_follow_each_other_however_often_the_round_comes():
    tickets = [make.ticket() for _ in range(3)]
    sequencing.sequence()
    sequencing.sequence()
    tickets[1].note("Another.", by=make.agent())
    sequencing.sequence()

    assert list(Line.objects.order_by("index").values_list("index", flat=True)) == list(
        range(log.last().size)
    )
    old, new = Checkpoint.objects.order_by("size")
    way = log.tiles.Tree(log.read, new.size).consistency(old.size)
    verify.consistency(old.size, bytes(old.root), new.size, bytes(new.root), way)


def test_nothing_new_signs_nothing_new():
    make.ticket()
    sequencing.sequence()
    sequencing.sequence()

    assert Checkpoint.objects.count() == 1


def test_an_earlier_entry_has_a_receipt_of_its_own():
    ticket = make.ticket()
    ticket.reply("Later.", by=make.agent())

    proven = verify.receipt(str(sequencing.receipt(ticket, up_to=1)), vkeys())

    assert [event["seq"] for event in proven.events] == [1]


def test_what_was_changed_in_the_database_has_no_receipt_that_holds(settings):
    ticket = make.ticket()
    sequencing.sequence()
    opening = Opening.objects.get(leaf=ticket.entries.get(seq=1).leaf)
    changed = bytes(opening.event).replace(b'"v":1', b'"v":2')

    text = log.notes.receipt(0, [], log.last().note, [bytes(opening.salt) + changed])

    with pytest.raises(verify.Refused):
        verify.receipt(text, vkeys())


@pytest.mark.parametrize(("model", "field"), [(Line, "index"), (Checkpoint, "size")])
def test_places_and_checkpoints_cannot_be_changed_or_removed(model, field):
    make.ticket()
    sequencing.sequence()
    rows = model.objects.all()

    for change in (lambda: rows.update(**{field: 99}), lambda: rows._raw_delete("default")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(DatabaseError), transaction.atomic():
        Tile.objects.all()._raw_delete("default")


def test_an_older_database_signs_nothing_until_a_new_ledger_begins(caplog):
    make.ticket()
    sequencing.sequence()
    # As after a restore: more was signed than this database knows.
    keys.remember(log.last().size + 5, b"x" * 32)
    ticket = make.ticket()

    assert sequencing.sequence() == 0
    assert "older" in caplog.text
    assert sequencing.receipt(ticket) is None

    keys.begin_anew()
    proven = verify.receipt(str(sequencing.receipt(ticket)), vkeys())
    assert proven.checkpoint.origin.endswith("/ledger/2")


def test_a_machine_without_the_key_signs_nothing(settings, tmp_path, caplog):
    make.ticket()
    sequencing.sequence()
    settings.AHADI_DATA = tmp_path / "other"
    settings.AHADI_DATA.mkdir()
    make.ticket()

    assert sequencing.sequence() == 0
    assert Checkpoint.objects.count() == 1


def test_a_new_key_signs_and_the_old_one_stays_published():
    ticket = make.ticket()
    before = str(sequencing.receipt(ticket))
    keys.rotate()
    ticket.reply("After.", by=make.agent())
    after = str(sequencing.receipt(ticket))

    assert len(vkeys()) == 2
    assert verify.receipt(before, vkeys())
    assert verify.receipt(after, vkeys())
    assert (keys._path(keys.FILE).stat().st_mode & 0o777) == 0o600


def test_the_public_sees_the_log_grow_in_steps(client):
    with clock.at(clock.now().replace(second=10)):
        make.ticket()
        sequencing.sequence()
        assert client.get("/ledger/checkpoint").status_code == 404
        later = clock.now() + timedelta(seconds=60)
    with clock.at(later):
        answer = client.get("/ledger/checkpoint")
        note = verify.note(answer.content, client.get("/ledger/vkey").content.decode().split())
        at = verify.checkpoint(note.text)
        tile = client.get(f"/ledger/tile/0/000.p/{at.size}")
        about = client.get("/.well-known/ahadi-ledger.json").json()

    leaves = [tile.content[place : place + 32] for place in range(0, len(tile.content), 32)]
    assert log.tiles.tree.root(leaves) == at.root
    assert about["vkeys"] == vkeys()
    assert about["origin"] == at.origin


@pytest.mark.parametrize(
    "path",
    ["0/000", "0/000.p/999", "0/000.p/256", "0/001.p/1", "9/000.p/1", "entries/000.p/1", "0/x00", "0/"],
)
def test_tiles_that_are_not_there_are_not_found(client, path):
    with clock.at(clock.now() - timedelta(minutes=5)):
        make.ticket()
        sequencing.sequence()

    assert client.get(f"/ledger/tile/{path}").status_code == 404
