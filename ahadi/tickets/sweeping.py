"""After an erasure: what the store, the index and the pages of the database still hold is destroyed, too.

A small database is written anew at once. A large one keeps everybody waiting for as long as that takes, so
it waits for the night; what goes meanwhile is written over where it stands.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper

from ahadi import outbox
from ahadi.lib import clock, store
from ahadi.people.models import Company
from ahadi.tickets import erasure as erasing
from ahadi.tickets import search
from ahadi.tickets.models import Erasure

log = logging.getLogger("ahadi.erasure")

# Written anew within a second or two; beyond it at night, by the company's clock.
SMALL = 128 * 1024 * 1024
NIGHT = time(3, 30)
# Bytes of one message that fills a segment of PostgreSQL's log, and the most segments that are filled.
SEGMENT, MOST_SEGMENTS = 16 * 1024 * 1024, 128


class Busy(Exception):
    """Somebody reads an older state of the database: its log cannot be cut yet; the job tries again."""


def sweep(files: list[str], erasure: int | None = None, *, database: bool = True) -> None:
    """Destroy files that nothing names any more, and every free page of the database; safe to repeat."""
    remove_files(files)
    if database:
        search.optimise()
    if database and not connection.in_atomic_block and size() > SMALL:
        outbox.put("tickets.rewrite", {"erasure": erasure}, delay=until_night())
        return
    if database:
        rewrite()
    _tell(erasure)


def rewrite_at_night(erasure: int | None = None) -> None:
    """The same for a large database, when nobody waits for it."""
    rewrite()
    _tell(erasure)


def until_night(now: datetime | None = None) -> float:
    """Seconds until it is night where the company is."""
    local = (now or clock.now()).astimezone(ZoneInfo(Company.current().time_zone))
    night = datetime.combine(local.date(), NIGHT, local.tzinfo)
    if night <= local:
        night = datetime.combine(local.date() + timedelta(days=1), NIGHT, local.tzinfo)
    return (night - local).total_seconds()


def size() -> int:
    """Bytes of the database as it lies on the disk."""
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        return path.stat().st_size if path.is_file() else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _tell(erasure: int | None) -> None:
    if erasure is not None:
        Erasure.objects.filter(pk=erasure).update(swept=clock.now())


def remove_files(names: Iterable[str]) -> int:
    """Destroy stored files, except those that something else names as well; returns how many went."""
    wanted = set(names)
    lonely = wanted - named(wanted)
    for name in lonely:
        store.remove(name)
    return len(lonely)


def named(names: Collection[str]) -> set[str]:
    """Which of these files are still named somewhere."""
    found: set[str] = set()
    for model, column in erasing.file_columns():
        rows = model._base_manager.all()
        if model._meta.get_field(column).get_internal_type() == "CharField":
            rows = rows.filter(**{f"{column}__in": list(names)})
        for value in rows.values_list(column, flat=True).iterator():
            found |= set(erasing.names_in(value)) & set(names)
    return found


def rewrite() -> None:
    """Write the tables anew, so that no free page and no log of changes holds what was destroyed."""
    if connection.in_atomic_block:
        # Within a transaction (of a test) the database refuses it.
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Statistics name frequent values, so they are made anew as well.
            cursor.execute("VACUUM (FULL, ANALYZE)")
            _write_over_log(cursor)
            return
        # Writers wait for their turn rather than for the database, which would send them away.
        turns: Any = connection
        turns.take_turn()
        try:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy = bool(cursor.fetchone()[0])
        finally:
            turns.pass_on()
        if is_busy:
            raise Busy("A reader holds on to the log of the database.")


def _write_over_log(cursor: CursorWrapper) -> None:
    """PostgreSQL uses the files of its log again without emptying them: fill all of them once."""
    try:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT count(*) FROM pg_ls_waldir()")
        segments = min(int(cursor.fetchone()[0]) + 2, MOST_SEGMENTS)
        for _segment in range(segments):
            cursor.execute("SELECT pg_logical_emit_message(false, 'ahadi', repeat('0', %s))", [SEGMENT])
        cursor.execute("CHECKPOINT")
    except DatabaseError as error:
        # It needs the roles pg_checkpoint and pg_monitor.
        log.warning("The log of PostgreSQL keeps what was destroyed until it is used again: %s", error)
