"""What an administrator sets: environment variables, the file .env in the data folder, and NAME_FILE."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from ahadi.lib import databases
from ahadi.lib.shelves import Bucket

ROOT = Path(__file__).resolve().parents[2]
SECRET_KEY_FILE = "secret.key"  # noqa: S105 - a file name


class Unreadable(Exception):
    """A setting that cannot be used; the message is one line that says which one and what to do."""


class Address(NamedTuple):
    """A host and a port to listen on."""

    host: str
    port: int


class Setting(NamedTuple):
    """One setting: what is used when it is not given, how it is read, and what it is for."""

    default: str
    read: Callable[[str], Any]
    purpose: str
    may_be_empty: bool = False


def _text(value: str) -> str:
    if any(character < " " for character in value):
        raise ValueError("it must be one line without control characters")
    return value


def _folder(value: str) -> Path:
    path = Path(_text(value)).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is not a folder")
    return path


def _file_store(value: str) -> Path | Bucket | None:
    if "://" in value:
        return _bucket(value)
    return _folder(value) if value else None


def _bucket(value: str) -> Bucket:
    parts = _split(value, {"s3"})
    options = dict(parse_qsl(parts.query))
    if unknown := options.keys() - {"endpoint", "region"}:
        raise ValueError(f"it knows endpoint and region, not {', '.join(sorted(unknown))}")
    if endpoint := options.get("endpoint", ""):
        _split(endpoint, {"http", "https"})
    prefix = parts.path.strip("/")
    return Bucket(
        # Names of buckets may hold capital letters, which `hostname` would lower.
        name=parts.netloc.rpartition("@")[2],
        prefix=f"{prefix}/" if prefix else "",
        endpoint=endpoint,
        region=options.get("region", ""),
        key=unquote(parts.username or ""),
        secret=unquote(parts.password or ""),
    )


def _url(value: str) -> str:
    parts = _split(value, {"http", "https"})
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("it must be like https://help.example.com, with nothing after the host")
    return f"{parts.scheme}://{parts.netloc}"


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise ValueError(f"it must be a number from {least} to {most}")
        return int(value)

    return read


_port = _number(1, 65535)


def _address(value: str) -> Address | None:
    if not value:
        return None
    host, separator, port = value.rpartition(":")
    if not separator or not host:
        raise ValueError("it must be like 127.0.0.1:8025, or empty")
    return Address(host.strip("[]"), _port(port))


def _smtp(value: str) -> str:
    if value:
        _split(value, {"smtp", "smtps"})
    return value


def _redis(value: str) -> str:
    if value:
        _split(value, {"redis", "rediss"})
    return value


def _database(value: str) -> str:
    if value:
        parts = _split(value, {"postgres", "postgresql"}, needs_host=False)
        if not parts.path.strip("/"):
            raise ValueError("it must be like postgres://user:password@host/name")
    return value


def _split(value: str, schemes: set[str], *, needs_host: bool = True) -> SplitResult:
    parts = urlsplit(_text(value))
    if parts.scheme not in schemes or (needs_host and not parts.hostname):
        raise ValueError(f"it must begin with {' or '.join(f'{name}://' for name in sorted(schemes))}")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("its port must be a number from 1 to 65535") from None
    return parts


def _language(value: str) -> str:
    known = {"en", *(path.name for path in (ROOT / "locale").glob("*") if path.is_dir())}
    if value not in known:
        raise ValueError(f"it must be one of {', '.join(sorted(known))}")
    return value


def _time_zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, OSError, ValueError):
        raise ValueError("it must be a time zone like Europe/Bucharest") from None


SETTINGS = {
    "AHADI_DATA": Setting(
        "./data", _folder, "Database, files, keys and raw messages; the only folder that changes"
    ),
    "AHADI_URL": Setting("http://localhost:8000", _url, "The public address"),
    "AHADI_HOST": Setting("127.0.0.1", _text, "The address the web server listens on"),
    "AHADI_PORT": Setting("8000", _port, "The port the web server listens on"),
    "AHADI_SMTP_IN": Setting(
        "127.0.0.1:8025", _address, "The SMTP door for incoming mail; empty: closed", may_be_empty=True
    ),
    "AHADI_SMTP_OUT": Setting(
        "",
        _smtp,
        "Server for outgoing mail, `smtp://user:password@host:587` or `smtps://…`; "
        "empty: mail is kept and shown under /dev/outbox/",
        may_be_empty=True,
    ),
    "AHADI_MAIL_LARGEST": Setting("25", _number(1, 100), "The largest mail that is taken in, in MB"),
    "AHADI_FILE_LINK_DAYS": Setting("30", _number(1, 365), "How many days links to large files are good"),
    "AHADI_DATABASE": Setting(
        "", _database, "`postgres://user:password@host/name`; empty: SQLite in the data folder", True
    ),
    "AHADI_REDIS": Setting(
        "",
        _redis,
        "`redis://…`: shared cache, counters and wake-ups over several machines",
        may_be_empty=True,
    ),
    "AHADI_FILES": Setting(
        "",
        _file_store,
        "Folder of the files, or `s3://key:secret@bucket/prefix?endpoint=…&region=…`; "
        "empty: `files` in the data folder",
        may_be_empty=True,
    ),
    "AHADI_SECRET_KEY": Setting(
        "", _text, "Signs cookies and links; empty: made on the first run and kept in the data folder", True
    ),
    "AHADI_LANGUAGE": Setting("en", _language, "Language of a new company"),
    "AHADI_TIME_ZONE": Setting("UTC", _time_zone, "Time zone of a new company"),
}

# Read by the tests, never by the product.
TEST_NAMES = {
    "AHADI_CHROMIUM": "The Chromium of the browser tests; default: the one found on the path",
    "AHADI_SHARED": "Folder of the test material; default: `../shared` beside the checkout",
}


@dataclass(frozen=True)
class Environment:
    """Every setting, read and checked."""

    data: Path
    url: str
    host: str
    port: int
    smtp_in: Address | None
    smtp_out: str = field(repr=False)
    mail_largest: int
    file_link_days: int
    redis: str
    files: Path | Bucket
    language: str
    time_zone: str
    given_database: str = field(repr=False)
    given_secret_key: str = field(repr=False)

    @cached_property
    def is_secure(self) -> bool:
        return self.url.startswith("https://")

    @property
    def origin(self) -> str:
        return self.url

    @cached_property
    def allowed_hosts(self) -> list[str]:
        """The public name, and this machine by its own names for health checks."""
        host = urlsplit(self.url).hostname or ""
        public = f"[{host}]" if ":" in host else host
        return list(dict.fromkeys([public, "localhost", "127.0.0.1", "[::1]"]))

    @cached_property
    def secret_key(self) -> str:
        """The given key, else the one that the first run made; empty before the first run."""
        path = self.data / SECRET_KEY_FILE
        if self.given_secret_key or not path.exists():
            return self.given_secret_key
        return _read_file("AHADI_SECRET_KEY", path)

    @cached_property
    def database(self) -> dict[str, Any]:
        """The database as Django wants it described."""
        return (
            databases.postgresql(self.given_database) if self.given_database else databases.sqlite(self.data)
        )

    @cached_property
    def cache(self) -> dict[str, Any]:
        """The cache as Django wants it described: shared by Redis, else of this process."""
        if self.redis:
            return {"BACKEND": "ahadi.lib.memory.Cache", "LOCATION": self.redis}
        return {"BACKEND": "ahadi.lib.memory.Near", "LOCATION": "ahadi"}


def read(given: Mapping[str, str] | None = None) -> Environment:
    """Read every setting; raises Unreadable with one clear line for a wrong one."""
    surroundings = {
        name: value
        for name, value in (os.environ if given is None else given).items()
        if name.startswith("AHADI_")
    }
    _refuse_unknown(surroundings, "in the environment")
    data = _value("AHADI_DATA", surroundings, {})
    in_file = _dotenv(data / ".env")
    values = {name: _value(name, surroundings, in_file) for name in SETTINGS if name != "AHADI_DATA"}
    is_url_given = any(_text_of("AHADI_URL", source) is not None for source in (surroundings, in_file))
    return Environment(
        data=data,
        # Another port alone moves the local address with it, so that links lead where the server listens.
        url=values["AHADI_URL"] if is_url_given else f"http://localhost:{values['AHADI_PORT']}",
        host=values["AHADI_HOST"],
        port=values["AHADI_PORT"],
        smtp_in=values["AHADI_SMTP_IN"],
        smtp_out=values["AHADI_SMTP_OUT"],
        mail_largest=values["AHADI_MAIL_LARGEST"],
        file_link_days=values["AHADI_FILE_LINK_DAYS"],
        redis=values["AHADI_REDIS"],
        files=values["AHADI_FILES"] or data / "files",
        language=values["AHADI_LANGUAGE"],
        time_zone=values["AHADI_TIME_ZONE"],
        given_database=values["AHADI_DATABASE"],
        given_secret_key=values["AHADI_SECRET_KEY"],
    )


def make_secret_key(data: Path) -> None:
    """Make the first-run secret, readable by its owner only; an existing one stays."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(data / SECRET_KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(64))


def _refuse_unknown(values: Mapping[str, str], place: str) -> None:
    for name in sorted(values):
        if name not in TEST_NAMES and name.removesuffix("_FILE") not in SETTINGS and name not in SETTINGS:
            raise Unreadable(
                f"{name} ({place}) is not a setting of Ahadi; see docs/reference/settings.md for their names."
            )


def _value(name: str, surroundings: Mapping[str, str], in_file: Mapping[str, str]) -> Any:
    setting = SETTINGS[name]
    text = next(
        (text for source in (surroundings, in_file) if (text := _text_of(name, source)) is not None),
        setting.default,
    )
    if not text and not setting.may_be_empty:
        raise Unreadable(f"{name} is empty; give it a value, or leave it out for {setting.default}.")
    try:
        return setting.read(text)
    except ValueError as error:
        raise Unreadable(f"{name} cannot be read: {error}.") from None


def _text_of(name: str, source: Mapping[str, str]) -> str | None:
    path = source.get(f"{name}_FILE")
    if path is None:
        return source[name].strip() if name in source else None
    if name in source:
        raise Unreadable(f"{name} and {name}_FILE are both given; leave one of them out.")
    return _read_file(f"{name}_FILE", Path(path))


def _read_file(name: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Unreadable(f"{name} cannot be read: {path}: {reason}.") from None


_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")


def _dotenv(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    values = {}
    for number, line in enumerate(_read_file("The file .env", path).splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        match = _LINE.fullmatch(text)
        if match is None:
            raise Unreadable(f"{path}, line {number} cannot be read: write NAME=value.")
        if match["name"].startswith("AHADI_"):
            values[match["name"]] = _unquoted(match["value"])
    _refuse_unknown(values, f"in {path}")
    if {"AHADI_DATA", "AHADI_DATA_FILE"} & values.keys():
        raise Unreadable(
            f"AHADI_DATA cannot be given in {path}, which lies in that folder; export it instead."
        )
    return values


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()
