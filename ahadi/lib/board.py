"""Short-lived facts that all processes share, such as who looks at what: in Redis, or a file beside the data.

What stands here is never part of any history, and losing it loses nothing: everybody writes again within
seconds. Notes are grouped by a topic and end by themselves.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from ahadi.lib.memory import PATIENCE

log = logging.getLogger("ahadi.board")

_MAKE = (
    "CREATE TABLE IF NOT EXISTS note (topic TEXT, who TEXT, what TEXT NOT NULL, ends REAL NOT NULL,"
    " PRIMARY KEY (topic, who)) WITHOUT ROWID"
)
_PUT = (
    "INSERT INTO note VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO UPDATE SET what = excluded.what, ends = excluded.ends"
)
_READ = "SELECT topic, who, what, ends FROM note WHERE ends > ? ORDER BY topic, who"
HASH, VERSION = "ahadi:board", "ahadi:board:version"


class Note(NamedTuple):
    """What somebody is doing, and about what."""

    topic: str
    who: str
    what: Any


class Board:
    """A file that the processes of one machine share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # A connection serves one thread, and none is carried into a process that is forked.
        self._own = threading.local()

    def put(self, topic: str, who: str, what: Any, seconds: float) -> None:
        """Write a note, in place of what the same one wrote about this topic."""
        self._write(_PUT, topic, who, json.dumps(what), time.time() + seconds)

    def take(self, topic: str, who: str) -> None:
        """Take a note down."""
        self._write("DELETE FROM note WHERE topic = ? AND who = ?", topic, who)

    def read(self) -> list[Note]:
        """Everything that stands there and is not over; read anew only where something has changed."""
        own, mark = self._own, Board.mark(self)
        kept: tuple[Hashable, float, list[Note]] | None = getattr(own, "kept", None)
        if kept is None or kept[0] != mark or kept[1] <= time.time():
            rows = self._file.execute(_READ, [time.time()]).fetchall()
            known = getattr(own, "understood", {})
            own.understood = {row[2]: known.get(row[2]) or json.loads(row[2]) for row in rows}
            notes = [Note(topic, who, own.understood[what]) for topic, who, what, _ends in rows]
            kept = own.kept = mark, min((row[3] for row in rows), default=float("inf")), notes
        return kept[2]

    def tidy(self) -> None:
        """Throw away what is over."""
        self._write("DELETE FROM note WHERE ends <= ?", time.time())

    def mark(self) -> Hashable:
        """Changes whenever somebody has written."""
        # The file counts what others write, and nobody counts what this thread does.
        others = int(self._file.execute("PRAGMA data_version").fetchone()[0])
        return others, getattr(self._own, "written", 0)

    def _write(self, sql: str, *values: object) -> None:
        if self._file.execute(sql, values).rowcount:
            self._own.written = getattr(self._own, "written", 0) + 1

    @property
    def _file(self) -> sqlite3.Connection:
        file: sqlite3.Connection | None = getattr(self._own, "file", None)
        if file is None:
            file = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            file.execute("PRAGMA synchronous=OFF")
            file.execute(_MAKE)
            self._own.file = file
        return file


class SharedBoard(Board):
    """The same in Redis for several machines; while that is away, each machine has its own."""

    def __init__(self, path: Path, url: str) -> None:
        super().__init__(path)
        self._redis: Redis = Redis.from_url(url, **PATIENCE)

    def put(self, topic: str, who: str, what: Any, seconds: float) -> None:
        try:
            kept = json.dumps([topic, who, what, time.time() + seconds])
            with self._redis.pipeline() as both:
                both.hset(HASH, f"{topic}|{who}", kept)
                both.incr(VERSION)
                both.execute()
        except RedisError as error:
            log.warning("Redis does not answer, so each machine sees only its own people: %s", error)
            super().put(topic, who, what, seconds)

    def take(self, topic: str, who: str) -> None:
        try:
            with self._redis.pipeline() as both:
                both.hdel(HASH, f"{topic}|{who}")
                both.incr(VERSION)
                both.execute()
        except RedisError:
            super().take(topic, who)

    def read(self) -> list[Note]:
        try:
            kept = [json.loads(value) for value in cast(Any, self._redis.hvals(HASH))]
        except RedisError:
            return super().read()
        now = time.time()
        return sorted(Note(topic, who, what) for topic, who, what, ends in kept if ends > now)

    def tidy(self) -> None:
        try:
            kept = cast(dict[bytes, bytes], self._redis.hgetall(HASH))
            over = [name for name, value in kept.items() if json.loads(value)[3] <= time.time()]
            if over:
                self._redis.hdel(HASH, *over)
        except RedisError:
            super().tidy()

    def mark(self) -> Hashable:
        try:
            return cast(Hashable, self._redis.get(VERSION))
        except RedisError:
            return super().mark()


@cache
def board() -> Board:
    """The board of this installation."""
    path = settings.AHADI_DATA / "board.sqlite3"
    return SharedBoard(path, settings.AHADI_REDIS) if settings.AHADI_REDIS else Board(path)
