"""Threads that serve an event loop: started when needed, kept, and never in the way of the end."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
Work = tuple[AbstractEventLoop, "Future[Any]", Callable[[], Any]]


class Pool:
    """At most `size` daemon threads; half the cost of the standard executor, which also waits at exit."""

    def __init__(self, size: int, name: str) -> None:
        self.size, self.name = size, name
        self._queue: SimpleQueue[Work] = SimpleQueue()
        self._lock = Lock()
        self._started = 0
        self._busy = 0

    def run(self, loop: AbstractEventLoop, function: Callable[[], Result]) -> Future[Result]:
        """Run a function in a thread; the future belongs to the loop."""
        future: Future[Result] = loop.create_future()
        with self._lock:
            self._busy += 1
            if self._busy > self._started < self.size:
                self._started += 1
                Thread(target=self._serve, name=f"{self.name}-{self._started}", daemon=True).start()
        self._queue.put((loop, future, function))
        return future

    def _serve(self) -> None:
        while True:
            loop, future, function = self._queue.get()
            try:
                result, error = function(), None
            except BaseException as raised:
                result, error = None, raised
            with self._lock:
                self._busy -= 1
            # The loop is closed when the process is ending and nobody waits for the answer.
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future, result, error)
            del loop, future, function, result, error


def _settle(future: Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
