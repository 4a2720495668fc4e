"""Threads that serve an event loop: started when needed, kept, and never in the way of the end."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
Answer = tuple["Future[Any]", Any, BaseException | None]


class Pool:
    """At most `size` daemon threads; half the cost of the standard executor, which also waits at exit."""

    def __init__(self, size: int, name: str) -> None:
        self.size, self.name = size, name
        self._queue: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = Lock()
        self._started = 0
        self._busy = 0

    def run(self, loop: AbstractEventLoop, function: Callable[[], Result]) -> Future[Result]:
        """Run a function in a thread; the future belongs to the loop."""
        future: Future[Result] = loop.create_future()
        self.start(partial(_run, loop, future, function))
        return future

    def start(self, work: Callable[[], None]) -> None:
        """Do something in a thread that tells nobody when it is done, and never fails."""
        with self._lock:
            self._busy += 1
            if self._busy > self._started < self.size:
                self._started += 1
                Thread(target=self._serve, name=f"{self.name}-{self._started}", daemon=True).start()
        self._queue.put(work)

    def _serve(self) -> None:
        while True:
            work = self._queue.get()
            work()
            with self._lock:
                self._busy -= 1
            del work


def _run(loop: AbstractEventLoop, future: Future[Any], function: Callable[[], Any]) -> None:
    try:
        result, error = function(), None
    except BaseException as raised:
        result, error = None, raised
    settle(loop, [(future, result, error)])


def settle(loop: AbstractEventLoop, answers: Sequence[Answer]) -> None:
    """Give futures of a loop their results or errors, from a thread."""
    # The loop is closed when the process is ending and nobody waits for the answer.
    if not loop.is_closed():
        loop.call_soon_threadsafe(_settle, answers)


def _settle(answers: Sequence[Answer]) -> None:
    for future, result, error in answers:
        if future.done():
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)
