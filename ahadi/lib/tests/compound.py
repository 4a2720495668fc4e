"""Files as Outlook saves messages: a compound file (MS-CFB) with rows of properties (MS-OXMSG), for tests."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SECTOR, _MINI, _SMALL = 512, 64, 4096

Properties = dict[int, str | bytes | int | datetime]
Folder = dict[str, "bytes | Folder"]


def message(
    properties: Properties,
    *,
    recipients: list[Properties] | None = None,
    files: list[Properties | Folder] | None = None,
    wide: bool = True,
    codepage: str = "utf-8",
) -> bytes:
    """A message with its recipients and files; strings as UTF-16 or, not `wide`, in the code page."""
    return compound(folder(properties, recipients, files, wide=wide, codepage=codepage))


def folder(
    properties: Properties,
    recipients: list[Properties] | None = None,
    files: list[Properties | Folder] | None = None,
    *,
    head: int = 32,
    wide: bool = True,
    codepage: str = "utf-8",
) -> Folder:
    """The folder of a message; `head` is 24 for one that is a file of another."""
    found = _streams(properties, head, wide, codepage)
    for number, each in enumerate(recipients or []):
        found[f"__recip_version1.0_#{number:08X}"] = _streams(each, 8, wide, codepage)
    for number, file in enumerate(files or []):
        is_folder = any(isinstance(name, str) for name in file)
        found[f"__attach_version1.0_#{number:08X}"] = file if is_folder else _streams(file, 8, wide, codepage)
    return found


def enclosed(inner: Folder) -> Folder:
    """A file of a message that is a message itself."""
    return {**_streams({0x3705: 5}, 8, True, ""), "__substg1.0_3701000D": inner}


def _streams(properties: Properties, head: int, wide: bool, codepage: str) -> Folder:
    rows, streams = b"", {}
    for number, value in properties.items():
        if isinstance(value, int):
            kind, fixed = 0x0003, struct.pack("<Q", value)
        elif isinstance(value, datetime):
            since = value - datetime(1601, 1, 1, tzinfo=UTC)
            kind, fixed = 0x0040, struct.pack("<Q", int(since.total_seconds()) * 10_000_000)
        else:
            kind, content = _content(value, wide, codepage)
            fixed = struct.pack("<Q", len(content))
            streams[f"__substg1.0_{number:04X}{kind:04X}"] = content
        rows += struct.pack("<HHI8s", kind, number, 6, fixed)
    return {"__properties_version1.0": bytes(head) + rows, **streams}


def _content(value: str | bytes, wide: bool, codepage: str) -> tuple[int, bytes]:
    if isinstance(value, bytes):
        return 0x0102, value
    return (0x001F, value.encode("utf-16-le")) if wide else (0x001E, value.encode(codepage))


def compound(root: Folder) -> bytes:
    """The bytes of a compound file of version 3."""
    entries: list[list] = []
    mini, large = b"", b""
    chains: list[int] = []

    def add(name: str, inside: bytes | Folder, kind: int) -> int:
        nonlocal mini, large
        at = len(entries)
        entry = [name, kind, _FREE, _FREE, _END, 0]
        entries.append(entry)
        if isinstance(inside, dict):
            kids = [
                add(each, content, 1 if isinstance(content, dict) else 2) for each, content in inside.items()
            ]
            # A row of right-hand neighbours is a tree as well.
            for kid, after in zip(kids, kids[1:], strict=False):
                entries[kid][2] = after
            entry[3] = kids[0] if kids else _FREE
        elif len(inside) < _SMALL:
            entry[4], entry[5] = len(mini) // _MINI if inside else _END, len(inside)
            mini += inside + bytes(-len(inside) % _MINI)
            count = -(-len(inside) // _MINI)
            chains.extend([*range(len(chains) + 1, len(chains) + count), _END] if count else [])
        else:
            entry[4], entry[5] = ("large", len(large) // _SECTOR), len(inside)
            large += inside + bytes(-len(inside) % _SECTOR)
        return at

    add("Root Entry", root, 5)
    return _laid_out(entries, mini, large, chains)


def _laid_out(entries: list[list], mini: bytes, large: bytes, chains: list[int]) -> bytes:
    counts = [
        -(-len(part) // _SECTOR) for part in (bytes(4 * len(chains)), bytes(128 * len(entries)), mini, large)
    ]
    fats = 1
    while fats * 128 < fats + sum(counts):
        fats += 1
    starts = [fats + sum(counts[:number]) for number in range(4)]
    table = [_FAT] * fats
    for start, count in zip(starts[:3], counts[:3], strict=True):
        table += [*range(start + 1, start + count), _END] if count else []
    for entry in entries:
        if isinstance(entry[4], tuple):
            entry[4] = starts[3] + entry[4][1]
            count = -(-entry[5] // _SECTOR)
            table += [*range(entry[4] + 1, entry[4] + count), _END]
    if mini:
        entries[0][4], entries[0][5] = starts[2], len(mini)
    head = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, starts[1], 0, _SMALL,
        starts[0] if chains else _END, counts[0], _END, 0,
    )  # fmt: skip
    head += struct.pack("<109I", *range(fats), *[_FREE] * (109 - fats))
    parts = [
        struct.pack(f"<{fats * 128}I", *table, *[_FREE] * (fats * 128 - len(table))),
        struct.pack(f"<{len(chains)}I", *chains).ljust(counts[0] * _SECTOR, b"\xff"),
        b"".join(map(_entry, entries)).ljust(counts[1] * _SECTOR, b"\x00"),
        mini.ljust(counts[2] * _SECTOR, b"\x00"),
        large,
    ]
    return head + b"".join(parts)


def _entry(entry: list) -> bytes:
    name, kind, right, child, start, size = entry
    written = name.encode("utf-16-le") + b"\x00\x00"
    return struct.pack(
        "<64sHBBIII16sIQQIQ", written, len(written), kind, 1, _FREE, right, child, b"", 0, 0, 0, start, size
    )
