"""Somebody with the password of the database changes history: the audit finds every change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string

from ahadi.ledger import keys, log
from ahadi.ledger.audit import Fault
from ahadi.testing import make
from ahadi.tickets import sequencing
from ahadi.tickets.models import Attachment
from ahadi.tickets.said import File

pytestmark = pytest.mark.django_db

# Everything that proves something: the table, its key, and the columns that nobody may change unseen.
PROTECTED = {
    "tickets_entry": (
        "id",
        "ticket_id seq kind code agent_id customer_id address_id automatic channel language at leaf_id",
    ),
    "tickets_words": ("entry_id", "text new_text html data"),
    "tickets_attachment": ("id", "entry_id name content_type sha256 content_id is_inline"),
    "ledger_leaf": ("id", "hash"),
    "ledger_opening": ("leaf_id", "salt event"),
    "ledger_line": ("index", "leaf_id"),
    "ledger_tile": ("id", "level number hashes"),
    "ledger_checkpoint": ("id", "size root note"),
    "ledger_key": ("id", "vkey name"),
    "tickets_ticket": ("id", "number last_seq last_leaf last_public"),
}
CHANGES = [(table, column) for table, (_key, columns) in PROTECTED.items() for column in columns.split()]


# Minutes: with EVERY_ROW=1 each row of the history is changed and removed in its turn.
EVERY_ROW = bool(os.environ.get("EVERY_ROW"))


@pytest.fixture(autouse=True)
def history() -> Iterator[None]:
    """Two tickets with everything in them, sequenced; and nothing that guards the tables any more."""
    agent = make.agent()
    one, two = make.ticket(text="Where is it?", html="<p>Where is it?</p>"), make.ticket()
    one.reply("We look for it.", by=agent, files=[File("map.png", "image/png", b"a picture")])
    two.note("She called.", by=agent)
    one.rename("The lost parcel", by=agent)
    sequencing.sequence()
    with transaction.atomic():
        _release()
        yield
        transaction.set_rollback(True)


def _release() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Neither triggers nor foreign keys, until the transaction ends.
            cursor.execute("SET LOCAL session_replication_role = replica")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def audit() -> list[Fault]:
    return [fault for path in settings.AUDITS for fault in import_string(path)()]


def test_a_true_history_has_no_fault():
    assert audit() == []
    assert log.last() is not None


@pytest.mark.parametrize(("table", "column"), CHANGES, ids=lambda part: part)
def test_every_change_of_what_proves_something_is_found(table, column):
    key, _columns = PROTECTED[table]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{key}", "{column}" FROM {table} ORDER BY 1 DESC')
        rows = cursor.fetchall()
    # One row that has something there, if there is one; asked for, every row in its turn.
    one = next((row for row in rows if row[1] not in (None, "", b"")), rows[-1])
    for row in rows if EVERY_ROW else [one]:
        with transaction.atomic(), connection.cursor() as cursor:
            change = f'UPDATE {table} SET "{column}" = %s WHERE "{key}" = %s'
            cursor.execute(change, [_other(column, row[1]), row[0]])
            assert audit() != [], row
            transaction.set_rollback(True)


def test_a_second_person_beside_the_one_who_spoke_is_found():
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_entry SET customer_id = 1 WHERE agent_id IS NOT NULL")

    assert {fault.code for fault in audit()} == {"changed_entry"}


@pytest.mark.parametrize("table", PROTECTED)
def test_every_missing_row_is_found(table):
    key, _columns = PROTECTED[table]
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{key}" FROM {table} ORDER BY 1')
        keys_ = [key_ for (key_,) in cursor.fetchall()]
    for key_ in keys_ if EVERY_ROW else keys_[:1]:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM {table} WHERE "{key}" = %s', [key_])
            assert audit() != [], key_
            transaction.set_rollback(True)


def test_two_entries_in_another_order_are_found():
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, seq, ticket_id FROM tickets_entry ORDER BY ticket_id, seq LIMIT 2")
        (first, one, _), (second, two, _) = cursor.fetchall()
        for key, seq in ((first, 1000), (second, one), (first, two)):
            cursor.execute("UPDATE tickets_entry SET seq = %s WHERE id = %s", [seq, key])

    assert audit() != []


def test_a_changed_or_missing_file_is_found():
    name = Attachment.objects.get().sha256
    path = Path(settings.AHADI_FILES) / name[:2] / name[2:4] / name
    path.write_bytes(b"another picture")
    assert [fault.code for fault in audit()] == ["changed_file"]

    path.unlink()
    assert [fault.code for fault in audit()] == ["missing_file"]


def test_an_older_database_is_found():
    newest = log.last()
    assert newest is not None
    keys.remember(newest.size + 1, bytes(32))

    assert [fault.code for fault in audit()] == ["older_database"]


def _other(column: str, value: object) -> object:
    if isinstance(value, memoryview):
        value = bytes(value)
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    if column == "at":
        return "2020-01-01 00:00:00+00:00"
    if column == "data":
        return '{"changed": true}'
    if column in {"automatic", "is_inline"}:
        return not value
    if value is None or isinstance(value, int):
        return (value or 0) + 1_000
    return "x" * 64 if column == "sha256" else f"{value}x"[-len(str(value)) - 1 :]
