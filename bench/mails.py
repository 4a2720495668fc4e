"""Sends a folder of real mails through the door of a running installation and counts what became of them.

    AHADI_DATA=… .venv/bin/python -m bench.mails ../shared/data/mail --port 8025

Sent twice: the second round must add nothing. Exit status 1 where a mail is missing.
"""

from __future__ import annotations

import argparse
import os
import smtplib
import sys
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

RECIPIENT = "help@marlo.example"
# Expectations that lie beside the mails in the material.
NOT_MAILS = {".jsonl"}


def main() -> int:
    """Send, wait, count; twice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8025)
    parser.add_argument("--connections", type=int, default=4)
    arguments = parser.parse_args()
    mails = [path.read_bytes() for path in find(arguments.folder)]
    _begin_django()
    print(f"{len(mails)} mails, {len({on_the_wire(mail) for mail in mails})} of them distinct on the wire.")
    try:
        smtplib.SMTP(arguments.host, arguments.port, timeout=10).quit()
    except OSError as error:
        print(f"No door on {arguments.host}:{arguments.port}: {error}", file=sys.stderr)
        return 1
    wrong = False
    before = counts()
    for number in ("first", "second"):
        start = time.monotonic()
        answers = send(mails, arguments.host, arguments.port, arguments.connections)
        accepted = time.monotonic() - start
        _wait()
        settled = time.monotonic() - start
        after = counts()
        added = {name: after[name] - before.get(name, 0) for name in after}
        print(f"{number}: answers {dict(answers)}; accepted in {accepted:.1f} s")
        print(
            f"  accepted {len(mails) / accepted:.0f}/s, settled {len(mails) / settled:.0f}/s; added {added}"
        )
        wrong |= _is_wrong(mails, added, is_first=number == "first")
        before = after
    return 1 if wrong else 0


def find(folder: Path) -> list[Path]:
    """Every file that is a mail."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in NOT_MAILS)


def on_the_wire(mail: bytes) -> str:
    """What the door receives: line ends as the protocol wants them."""
    return sha256(_with_line_ends(mail)).hexdigest()


def send(mails: list[bytes], host: str, port: int, connections: int) -> Counter[int]:
    """Send all mails over several connections and count the answers."""
    waiting: Queue[bytes] = Queue()
    for mail in mails:
        waiting.put(mail)
    answers: Counter[int] = Counter()
    threads = [Thread(target=_serve, args=(waiting, host, port, answers)) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def counts() -> dict[str, int]:
    """Raw messages by outcome, tickets and entries."""
    from django.db.models import Count

    from ahadi.channels.models import RawMessage
    from ahadi.outbox.models import Job
    from ahadi.tickets.models import Entry, Ticket

    rows = RawMessage.objects.values_list("outcome", "reason").annotate(count=Count("pk")).order_by()
    found = {f"raw {outcome or 'pending'} {reason}".strip(): count for outcome, reason, count in rows}
    totals = {
        "raw": RawMessage.objects.count(),
        "tickets": Ticket.objects.count(),
        "entries": Entry.objects.count(),
        "jobs": Job.objects.count(),
    }
    return totals | found


def _serve(waiting: Queue[bytes], host: str, port: int, answers: Counter[int]) -> None:
    server = smtplib.SMTP(host, port, timeout=60)
    server.ehlo("bench")
    while True:
        try:
            mail = waiting.get_nowait()
        except Empty:
            break
        server.mail("sender@post.example")
        server.rcpt(RECIPIENT)
        code, _said = server.data(_with_line_ends(mail))
        answers[code] += 1
    server.quit()


def _with_line_ends(mail: bytes) -> bytes:
    # As smtplib does for text; every mail ends with a line end on the wire.
    whole = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


def _wait(patience: float = 120) -> None:
    from ahadi.outbox.models import Job

    end = time.monotonic() + patience
    while Job.objects.filter(name="channels.take_in").exists() and time.monotonic() < end:
        time.sleep(0.05)


def _is_wrong(mails: list[bytes], added: dict[str, int], *, is_first: bool) -> bool:
    expected = len({on_the_wire(mail) for mail in mails}) if is_first else 0
    pending = added.get("raw pending", 0)
    if added["raw"] != expected or pending:
        print(f"  WRONG: {added['raw']} raw messages instead of {expected}, {pending} pending")
        return True
    return False


def _begin_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ahadi.settings")
    import django

    django.setup(set_prefix=False)


if __name__ == "__main__":
    sys.exit(main())
