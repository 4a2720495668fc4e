"""Asynchronous stories, told in a thread of their own: another test's browser may keep a loop in this one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def play(story: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end and return what it returns."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, story).result()
