"""What is new in a folder: found by the server's own numbers, stored first, and only then counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from itertools import zip_longest

from django.db import transaction
from imap_tools import BaseMailBox

from ahadi.channels import intake
from ahadi.channels.email.quarantine import LARGEST
from ahadi.channels.email.trouble import Trouble, named
from ahadi.channels.models import Folder, MailServer, RawMessage
from ahadi.lib import clock, store

# One answer of the server holds at most so many mails and bytes.
MANY, MUCH = 50, 8 * 1024 * 1024
# Sizes are asked for so many mails at a time: the line of a command has a limit.
SIZES = 500
# A larger mail does not come whole: its beginning is put aside, with its size, and it stays in the mailbox.
HUGE = 4 * LARGEST
BEGINNING = 256 * 1024
# Clocks of servers differ, and SEARCH SINCE knows days only.
SLACK = timedelta(days=1)


def fetch(
    server: MailServer, box: BaseMailBox, name: str, may_go_on: Callable[[], bool], suspects: set[int]
) -> int:
    """Take in what is new in a folder; how many mails the server lists but does not hand over.

    Suspects are mails at which the server broke off before: they come alone and last, and one that does so
    again is left out until the next beginning, so that it holds up no other mail.
    """
    folder = _open(server, box, name)
    wanted = _wanted(box, folder)
    left_out = suspects & set(folder.missing)
    in_order = [number for number in wanted if number not in suspects]
    for numbers in _in_parts(in_order + [one for one in wanted if one in suspects - left_out], SIZES):
        sizes = _sizes(box, numbers)
        for batch in _batches(sizes, suspects):
            if not may_go_on():
                return 0
            _take(server, folder, box, {number: sizes[number] for number in batch}, suspects)
        # Deleted or moved by somebody since the server listed them.
        folder.count(taken=set(numbers) - set(sizes), refused=())
    return len(folder.missing)


def _take(
    server: MailServer, folder: Folder, box: BaseMailBox, sizes: dict[int, int], suspects: set[int]
) -> None:
    numbers = list(sizes)
    try:
        mails = _mails(box, numbers, sizes)
    except Trouble:
        if set(numbers) <= suspects:
            folder.count(taken=(), refused=numbers)
        suspects.update(numbers)
        raise
    _store(server, folder, mails, sizes)
    suspects.difference_update(numbers)


def _open(server: MailServer, box: BaseMailBox, name: str) -> Folder:
    """The folder, opened for reading only, with the numbers that are true now."""
    with named("folder"):
        # EXAMINE: the server itself refuses to mark anything as read.
        box.folder.set(name, readonly=True)
    validity, following = _number(box, "UIDVALIDITY"), _number(box, "UIDNEXT")
    folder, _is_new = Folder.objects.get_or_create(server=server, name=name)
    if folder.uid_validity is None:
        folder.begin(validity, _last(box, following), everything=server.begin == MailServer.Begin.ALL)
    elif folder.uid_validity != validity or (following and following <= folder.last_uid):
        # A number that goes back without a new UIDVALIDITY is a server restored from a copy.
        last = _last(box, following)
        folder.begin_again(validity, last, [number for number in _kept(box, folder) if number <= last])
    return folder


def _number(box: BaseMailBox, name: str) -> int:
    _name, values = box.client.response(name)
    return int(values[-1]) if values and values[-1] else 0


def _last(box: BaseMailBox, following: int) -> int:
    return following - 1 if following else max(_search(box, "ALL"), default=0)


def _kept(box: BaseMailBox, folder: Folder) -> list[int]:
    """All mails that are wanted when every number has changed; those taken in before add nothing."""
    if folder.since is None:
        return _search(box, "ALL")
    return _search(box, f"SINCE {_day(folder)}")


def _day(folder: Folder) -> str:
    day = (folder.since or clock.now()) - SLACK
    # Not strftime: the names of months must be English in every locale.
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return f"{day.day:02}-{months[day.month - 1]}-{day.year}"


def _wanted(box: BaseMailBox, folder: Folder) -> list[int]:
    # "n:*" names the newest mail also when its number is below n.
    new = [number for number in _search(box, f"UID {folder.last_uid + 1}:*") if number > folder.last_uid]
    return sorted({*folder.missing, *new})


def _search(box: BaseMailBox, criteria: str) -> list[int]:
    with named():
        return [int(number) for number in box.uids(criteria, charset=None)]


def _in_parts(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"UID (\d+)")


def _sizes(box: BaseMailBox, numbers: Sequence[int]) -> dict[int, int]:
    """The sizes of the mails that are still there."""
    with named():
        _status, lines = box.client.uid("FETCH", _set(numbers), "(UID RFC822.SIZE)")
    sizes = {}
    for line in lines or []:
        text = line if isinstance(line, bytes) else b""
        size, uid = _SIZE.search(text), _UID.search(text)
        if size and uid:
            sizes[int(uid[1])] = int(size[1])
    return {number: sizes[number] for number in numbers if number in sizes}


def _batches(sizes: dict[int, int], suspects: set[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for number, size in sizes.items():
        is_full = len(batch) == MANY or sum(sizes[one] for one in batch) + size > MUCH
        if batch and (is_full or number in suspects):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _mails(box: BaseMailBox, numbers: Sequence[int], sizes: dict[int, int]) -> dict[int, bytes]:
    """The mails byte for byte; one that the server refuses does not hold up the others."""
    if sizes[numbers[0]] > HUGE:
        begun = _bodies(box, numbers, f"BODY.PEEK[]<0.{BEGINNING}>")
        # Some servers send all of it, whatever was asked for.
        return {number: raw[:BEGINNING] for number, raw in begun.items()}
    found = _bodies(box, numbers, "BODY.PEEK[]")
    for number in numbers:
        if not sizes[number]:
            found[number] = b""
        elif number not in found and len(numbers) > 1:
            found |= _bodies(box, [number], "BODY.PEEK[]")
    return found


def _bodies(box: BaseMailBox, numbers: Sequence[int], part: str) -> dict[int, bytes]:
    # PEEK: reading does not mark as read, not even where EXAMINE is not obeyed.
    with named():
        _status, answers = box.client.uid("FETCH", _set(numbers), f"(UID {part})")
    found = {}
    for answer, after in zip_longest(answers or [], (answers or [])[1:], fillvalue=b""):
        if isinstance(answer, tuple) and b"BODY[]" in answer[0]:
            # The number stands before the bytes, or in the line after them.
            uid = _UID.search(answer[0]) or _UID.search(after if isinstance(after, bytes) else b"")
            if uid:
                found[int(uid[1])] = bytes(answer[1])
    return {number: found[number] for number in numbers if number in found}


def _set(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _store(server: MailServer, folder: Folder, mails: dict[int, bytes], sizes: dict[int, int]) -> None:
    """Take the mails in and count them in one transaction, so that neither happens without the other."""
    try:
        for raw in mails.values():
            # Written before the transaction begins, which others wait for.
            store.put(raw)
        with transaction.atomic():
            for number in sorted(mails):
                _accept(server, mails[number], sizes[number])
            folder.count(taken=mails, refused=[number for number in sizes if number not in mails])
    except OSError as error:
        raise Trouble("disk", error.strerror or type(error).__name__) from error


def _accept(server: MailServer, raw: bytes, size: int) -> None:
    message = intake.accept(raw, _sender(raw), [server.inbox.address])
    if size > HUGE:
        RawMessage.objects.filter(pk=message.pk, outcome=RawMessage.Outcome.PENDING).update(
            outcome=RawMessage.Outcome.QUARANTINE, reason=RawMessage.Reason.TOO_LARGE, size=size
        )


def _sender(raw: bytes) -> str:
    """The envelope as the last server wrote it down, else who says to have written."""
    head = re.split(rb"\r?\n\r?\n", raw[:BEGINNING], maxsplit=1)[0]
    headers = BytesHeaderParser().parsebytes(head)
    return parseaddr(str(headers.get("Return-Path") or headers.get("From") or ""))[1]
