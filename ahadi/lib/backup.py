"""A whole installation in one file, and back: the same file for SQLite and for PostgreSQL.

A zip of one text of JSON lines for each table, the files by their SHA-256, and a manifest that counts and
hashes them all. It is read in one transaction while everything runs. With a password it is encrypted (scrypt,
AES-256-GCM). The keys are not in it: `secret.key` and `ledger.json` belong somewhere else (rule T-30).
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from ahadi.lib import clock, store
from ahadi.lib.snapshot import snapshot

FORMAT = "ahadi-backup/1"
MAGIC = b"AHADI-BACKUP-1\n"
CHUNK = 1 << 20
STRIDE = 2_000
# Rows that mean nothing elsewhere: Django writes its own, and nobody stays signed in.
LEFT_OUT = {"contenttypes.ContentType", "auth.Permission", "sessions.Session", "usersessions.UserSession"}


class Broken(Exception):
    """The file cannot be used; the message says why."""


class Contents(NamedTuple):
    """What a back-up holds."""

    made: str
    version: str
    tables: dict[str, int]
    files: int


def tables() -> list[type[models.Model]]:
    """Every model whose rows are kept, those that others point to first."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT
    ]
    order: list[type[models.Model]] = []

    def add(model: type[models.Model]) -> None:
        if model in order or model not in found:
            return
        found.remove(model)
        for field in model._meta.concrete_fields:
            if field.remote_field and field.related_model in found:
                add(field.related_model)
        order.append(model)

    while found:
        add(found[0])
    return order


def write(target: Path, version: str, password: str = "") -> Contents:
    """Write everything as it is at this moment; the file appears whole or not at all."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            if password:
                with tempfile.TemporaryFile(dir=target.parent) as plain:
                    contents = _pack(plain, version)
                    plain.seek(0)
                    encrypt(plain, file, password)
            else:
                contents = _pack(file, version)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return contents


def read(source: Path, password: str, prepare: Callable[[list[tuple[str, str]]], None]) -> Contents:
    """Fill an empty installation; `prepare` brings the tables to the state in which they were written."""
    with source.open("rb") as file, tempfile.TemporaryFile() as plain:
        if file.read(len(MAGIC)) == MAGIC:
            if not password:
                raise Broken("The back-up is encrypted; give its password.")
            decrypt(file, plain, password)
            return _unpack(plain, prepare)
        return _unpack(file, prepare)


def _pack(file: IO[bytes], version: str) -> Contents:
    hashes: dict[str, str] = {}
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive, snapshot():
        for model in tables():
            label = model._meta.label
            counts[label], hashes[label] = _write_table(archive, model)
        migrations = sorted(MigrationRecorder(connection).applied_migrations())
        names = sorted(store.names())
        for name in names:
            with (
                archive.open(f"files/{name}", "w", force_zip64=True) as member,
                store.open_file(name) as kept,
            ):
                while part := kept.read(CHUNK):
                    member.write(part)
        manifest = {
            "format": FORMAT,
            "version": version,
            "made": clock.now().isoformat(),
            "migrations": migrations,
            "tables": counts,
            "sha256": hashes,
            "files": len(names),
        }
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    return Contents(str(manifest["made"]), version, counts, len(names))


def _unpack(file: IO[bytes], prepare: Callable[[list[tuple[str, str]]], None]) -> Contents:
    try:
        archive = zipfile.ZipFile(file)
        manifest = json.loads(archive.read("manifest.json"))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Broken("This is not a back-up of Ahadi, or not the whole of it.") from error
    if manifest.get("format") != FORMAT:
        raise Broken("This back-up was written by another version; use that version to restore it.")
    with archive:
        prepare([(app, name) for app, name in manifest["migrations"]])
        known = {model._meta.label: model for model in tables()}
        if unknown := sorted(set(manifest["tables"]) - set(known)):
            raise Broken(f"This version does not know the tables {', '.join(unknown)}.")
        for name in _members(archive):
            _restore_file(archive, name)
        with transaction.atomic():
            for model in reversed(known.values()):
                model._base_manager.all()._raw_delete(connection.alias)
            for label, model in known.items():
                if label in manifest["tables"]:
                    _read_table(archive, model, manifest["sha256"][label])
            _move_counters(known.values())
    return Contents(manifest["made"], manifest["version"], manifest["tables"], manifest["files"])


def _write_table(archive: zipfile.ZipFile, model: type[models.Model]) -> tuple[int, str]:
    fields = model._meta.concrete_fields
    digest, count = sha256(), 0
    rows = model._base_manager.order_by("pk").values_list(*(field.attname for field in fields))
    with archive.open(f"tables/{model._meta.label}.ndjson", "w", force_zip64=True) as member:
        for row in rows.iterator(chunk_size=STRIDE):
            line = json.dumps(row, default=_encode, sort_keys=True, separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            member.write(line)
            count += 1
    return count, digest.hexdigest()


def _read_table(archive: zipfile.ZipFile, model: type[models.Model], expected: str) -> None:
    fields = model._meta.concrete_fields
    digest = sha256()
    with archive.open(f"tables/{model._meta.label}.ndjson") as member:
        rows = []
        for line in member:
            digest.update(line)
            values = json.loads(line)
            pairs = zip(fields, values, strict=True)
            rows.append(model(**{field.attname: _decode(field, value) for field, value in pairs}))
            if len(rows) == STRIDE:
                model._base_manager.bulk_create(rows)
                rows = []
        model._base_manager.bulk_create(rows)
    if digest.hexdigest() != expected:
        raise Broken(f"The table {model._meta.label} in the back-up was changed.")


def _encode(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _decode(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.BinaryField):
        return bytes.fromhex(value)
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    return target.to_python(value)


def _members(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name.startswith("files/")]


def _restore_file(archive: zipfile.ZipFile, name: str) -> None:
    if store.put(archive.read(name)) != name.removeprefix("files/"):
        raise Broken(f"The file {name} in the back-up was changed.")


def _move_counters(known: Iterable[type[models.Model]]) -> None:
    # The rows brought their keys along, so the database's own counters have to follow.
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(known)):
            cursor.execute(statement)


def encrypt(source: IO[bytes], target: IO[bytes], password: str) -> None:
    """Write a stream in sealed pieces; the last one is marked, so that a cut file is noticed."""
    salt, prefix = os.urandom(16), os.urandom(7)
    seal = AESGCM(_key(password, salt))
    target.write(MAGIC + salt + prefix)
    number, part = 0, source.read(CHUNK)
    while True:
        following = source.read(CHUNK)
        sealed = seal.encrypt(_nonce(prefix, number, not following), part, None)
        target.write(struct.pack(">I", len(sealed)) + sealed)
        if not following:
            return
        number, part = number + 1, following


def decrypt(source: IO[bytes], target: IO[bytes], password: str) -> None:
    """Read what follows the magic of an encrypted stream; raises Broken where anything was changed."""
    salt, prefix = source.read(16), source.read(7)
    seal = AESGCM(_key(password, salt))
    number = 0
    while True:
        head = source.read(4)
        sealed = source.read(struct.unpack(">I", head)[0]) if len(head) == 4 else b""
        for is_last in (False, True):
            try:
                target.write(seal.decrypt(_nonce(prefix, number, is_last), sealed, None))
                break
            except InvalidTag:
                continue
        else:
            raise Broken("The password is wrong, or the back-up was cut or changed.")
        if is_last:
            return
        number += 1


def _key(password: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**16, r=8, p=1).derive(password.encode())


def _nonce(prefix: bytes, number: int, is_last: bool) -> bytes:
    return prefix + struct.pack(">I", number) + bytes([is_last])
