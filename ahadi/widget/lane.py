"""A lane of its own for the words of visitors: many that come together are written together.

It takes what needs no thought: a word without files, in a talk that goes on, from the panel's own page. It
answers when the word is committed, and in the same moment tells the streams that are open here. Everything
else, and everything that is to be refused, goes on to the pages, where each case is decided once.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from asyncio import AbstractEventLoop, Future, get_running_loop
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connections

from ahadi.channels.chat import crowd, here, talks
from ahadi.channels.chat.crowd import Kept, Word
from ahadi.channels.chat.here import Told
from ahadi.channels.models import Talk
from ahadi.lib import piece, right_of_way
from ahadi.lib.hub import Hub, encoded, said
from ahadi.lib.piece import Lately
from ahadi.widget import door, quota, shown
from ahadi.widget.live import Panel, reading
from ahadi.widget.views import LONGEST

log = logging.getLogger("ahadi.widget")

Pages = Callable[[Any, Any, Any], Awaitable[None]]
# So many are written in one transaction; nobody waits long for the others.
MOST = 24
# Seconds after writing in which the next ones gather: a word alone is written at once, and in a busy minute
# those of a moment share what it costs to write any.
GATHER = 0.004
HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class _Waiting(NamedTuple):
    word: Word
    loop: AbstractEventLoop
    answer: Future[bytes | None]


class Lane:
    """An ASGI application for the messages of the panel, before the one for all pages."""

    PATH = "/widget/messages/"

    def __init__(self, pages: Pages, hub: Hub, panel: Panel) -> None:
        self.pages, self.hub, self.panel = pages, hub, panel
        self._queue: deque[_Waiting] = deque()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._lately = Lately()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"")
        if not (length.isdigit() and int(length) <= door.LARGEST_BODY and _is_plain(scope, headers)):
            await self.pages(scope, receive, send)
            return
        body = await _collect(receive)
        word = _read(headers, body)
        answer = await self._put(word) if word is not None else None
        if answer is None:
            await self.pages(scope, _again(body, receive), send)
            return
        length = str(len(answer)).encode()
        await send(
            {"type": "http.response.start", "status": 201, "headers": [*HEADERS, (b"content-length", length)]}
        )
        await send({"type": "http.response.body", "body": answer, "more_body": False})

    def _put(self, word: Word) -> Future[bytes | None]:
        loop = get_running_loop()
        waiting = _Waiting(word, loop, loop.create_future())
        self._queue.append(waiting)
        self._wake.set()
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="lane", daemon=True)
            self._thread.start()
        return waiting.answer

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            while some := self._take():
                with right_of_way.here.taken():
                    self._write(some)
                time.sleep(GATHER)

    def _take(self) -> list[_Waiting]:
        """Who is next, and of each panel one: their words stay in order."""
        taken: dict[str, _Waiting] = {}
        later = []
        while self._queue and len(taken) < MOST:
            waiting = self._queue.popleft()
            if waiting.word.digest in taken:
                later.append(waiting)
            else:
                taken[waiting.word.digest] = waiting
        self._queue.extendleft(reversed(later))
        # All processes take visitors in one order, so that no two wait for each other.
        return sorted(taken.values(), key=lambda waiting: waiting.word.digest)

    def _write(self, some: list[_Waiting]) -> None:
        claimed: dict[int, list[Any]] = {}
        try:
            with self._lately.holds():
                kept = crowd.say(
                    [each.word for each in some], _admit, lambda kept: self._claim(kept, claimed)
                )
        except Exception:
            # Each is tried alone, where it is seen which of them it was.
            log.exception("Words could not be written together")
            self.panel.unclaim(claimed)
            connections.close_all()
            kept = [None] * len(some)
        with piece.of_work(self._lately.known):
            loop, (answers, news) = some[0].loop, _told(kept, claimed)
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._settle, some, answers, news)

    def _claim(self, kept: list[Kept], claimed: dict[int, list[Any]]) -> None:
        """Before others can read them: the streams of this process are told from here."""
        for each in kept:
            if keys := self.panel.claim(each.talk, each.line):
                claimed[each.line.entry_id] = keys

    def _settle(
        self, some: list[_Waiting], answers: list[bytes | None], news: list[tuple[Any, bytes]]
    ) -> None:
        self.hub.tell_bytes(news)
        for waiting, answer in zip(some, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)


def _admit(some: Sequence[Talk]) -> list[bool]:
    """Within what people need; who sends more is refused by the page, with the time to wait."""
    # Words have a narrower limit than all calls together, which need not be counted here.
    return quota.limiter().hit_each(quota.MESSAGES, [str(talk.visitor_id) for talk in some])


def _told(
    kept: list[Kept | None], claimed: dict[int, list[Any]]
) -> tuple[list[bytes | None], list[tuple[Any, bytes]]]:
    """The answer to each, None where the page answers, and what the streams hear."""
    answers: list[bytes | None] = []
    news: list[tuple[Any, bytes]] = []
    board = here.told()
    # Those who read alike beside each other: changing over takes as long as showing a word.
    for _way, group in groupby(kept, _way_of_reading):
        some = [each for each in group if each is not None]
        if not some:
            answers.append(None)
            continue
        try:
            with reading(some[0].talk.visitor):
                offer = said(shown.offer())
                for each in some:
                    answer, told = _shown(each, board, offer)
                    answers.append(answer)
                    news += [(key, told) for key in claimed.get(each.line.entry_id, ())]
        except Exception:
            # They are written: the page finds them, and answers.
            log.exception("Words could not be shown")
            answers += [None] * (len(kept) - len(answers))
            break
    return answers, news


def _way_of_reading(kept: Kept | None) -> object:
    """The language and the zone of who wrote; nothing is shown to who goes the ordinary way."""
    return (kept.talk.visitor.language, kept.talk.visitor.time_zone) if kept is not None else object()


def _shown(kept: Kept, board: Told, offer: str) -> tuple[bytes, bytes]:
    """The answer to the panel that wrote, and what all panels of this talk hear."""
    talk, line = kept
    if talk.ticket.number in board.writing:
        here.stop(talk.ticket.number)
    entry, state = said(shown.line(line, ())), said(shown.of_talk(talk, board.writers))
    answer = f'{{"entry":{entry},"talk":{state},"automatic":{{"offer":{offer}}}}}'.encode()
    return answer, encoded("entry", entry, line.seq) + encoded("talk", state)


def _is_plain(scope: Any, headers: dict[bytes, bytes]) -> bool:
    """From the panel's own page at the address of this house."""
    own = urlsplit(settings.AHADI_URL)
    origin = headers.get(b"origin")
    return (
        scope["method"] == "POST"
        and headers.get(b"host") == own.netloc.encode()
        and headers.get(b"sec-fetch-site", b"same-origin") in (b"same-origin", b"none")
        and (origin is None or origin == f"{own.scheme}://{own.netloc}".encode())
    )


def _read(headers: dict[bytes, bytes], body: bytes) -> Word | None:
    """The word, where it is one beyond doubt."""
    token = door.bearer(headers.get(b"authorization", b"").decode("latin-1"))
    # Halves of characters and NULs are refused by the page.
    if not 20 < len(token) < 200 or b"\\u0000" in body or b"\\ud" in body.lower():
        return None
    try:
        given = json.loads(body)
        text, name = given["text"], UUID(given["client_id"])
        is_word = isinstance(text, str) and bool(text.strip()) and len(text) <= LONGEST
        is_alone = given.get("files", []) == []
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return Word(talks.hash_of(token), name, text) if is_word and is_alone else None


async def _collect(receive: Any) -> bytes:
    pieces, more = [], True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            break
        pieces.append(event.get("body", b""))
        more = event.get("more_body", False)
    return b"".join(pieces)


def _again(body: bytes, receive: Any) -> Any:
    """The body once more for whoever reads it next."""
    first: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Any:
        return first.pop() if first else await receive()

    return give
