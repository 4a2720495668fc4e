"""What Django is told about each kind of database."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def sqlite(data: Path) -> dict[str, Any]:
    """A file in the data folder."""
    return {
        "ENGINE": "ahadi.lib.sqlite",
        "NAME": data / "ahadi.sqlite3",
        "TEST": {"NAME": str(data / "test.sqlite3")},
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that will write takes the lock at its start: waiting works, upgrading does not.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
                "PRAGMA cache_size=-16000; PRAGMA mmap_size=268435456; PRAGMA secure_delete=ON"
            ),
        },
    }


# Statements are planned once for each connection. Nothing runs so long that compiling it first would pay; and
# plans that read a whole table while it is small, or merge, still read all of it once it has grown.
_HABITS = "-c jit=off -c enable_mergejoin=off -c random_page_cost=1.1"


def postgresql(url: str) -> dict[str, Any]:
    """A server, by `postgres://user:password@host:port/name?option=value`."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": options.pop("port", None) or str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"server_side_binding": True, "prepare_threshold": 3, "options": _HABITS, **options},
    }
