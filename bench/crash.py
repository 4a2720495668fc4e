"""python -m bench.crash: web and sequencers are killed under load, and the ledger must not notice.

python -m bench.crash --kills 50 --database postgres

At the end: no place twice, no gap, no two checkpoints of one size, every acknowledged entry in the ledger,
and an audit without a fault.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import uuid
from contextlib import suppress
from pathlib import Path

from bench import product

CHECK = """
import json, sys
import django
django.setup()
from django.conf import settings
from django.db.models import Count
from django.utils.module_loading import import_string
from ahadi.ledger.models import Checkpoint, Line
from ahadi.outbox import jobs
from ahadi.tickets import sequencing
from ahadi.tickets.models import Entry
sequencing.sequence(wait=True)
places = list(Line.objects.order_by("index").values_list("index", flat=True))
acknowledged = json.load(open(sys.argv[1]))
placed = set(Entry.objects.filter(leaf__line__isnull=False).values_list("ticket__number", "seq"))
missing = [pair for pair in acknowledged if tuple(pair) not in placed]
twice = Checkpoint.objects.values("size").annotate(many=Count("pk")).filter(many__gt=1).count()
faults = [fault.sentence for path in settings.AUDITS for fault in import_string(path)()]
print(json.dumps({
    "entries": Entry.objects.count(), "lines": len(places), "gaps": places != list(range(len(places))),
    "checkpoints": Checkpoint.objects.count(), "twice": twice,
    "acknowledged": len(acknowledged), "missing": missing[:5], "faults": faults[:5],
}))
"""


class Load(threading.Thread):
    """A program that opens tickets and answers them, asking again until it hears that it is written."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(daemon=True)
        self.url, self.token = url, token
        self.acknowledged: list[tuple[str, int]] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            body = {
                "requester": {"email": f"{uuid.uuid4().hex[:8]}@post.example"},
                "subject": "A",
                "body": "B",
            }
            ticket = self._post("tickets", body)
            if ticket is None:
                continue
            self.acknowledged.append((str(ticket["number"]), 1))
            for _count in range(3):
                reply = self._post(f"tickets/{ticket['number']}/replies", {"body": "We look for it."})
                if reply is not None:
                    self.acknowledged.append((str(ticket["number"]), int(str(reply["seq"]))))

    def _post(self, path: str, body: dict[str, object]) -> dict[str, object] | None:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        asked = urllib.request.Request(f"{self.url}/api/v1/{path}", json.dumps(body).encode(), headers)
        while not self.enough.is_set():
            try:
                with urllib.request.urlopen(asked, timeout=10) as answer:
                    found: dict[str, object] = json.load(answer)
                    return found
            except urllib.error.HTTPError as error:
                if error.code not in (409, 425, 429, 500, 503):
                    return None
            except (OSError, ValueError):
                pass
            time.sleep(0.05)
        return None


class House:
    """A web server and two workers, each of which may be killed; none of them outlives the block."""

    def __init__(self, data: Path, database: str) -> None:
        self.surroundings = product.prepare(data, database) | {"AHADI_SMTP_IN": ""}
        self.living: dict[str, subprocess.Popen[bytes]] = {}
        self.call("setup")

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_error: object) -> None:
        for name in list(self.living):
            self.kill(name)

    def call(self, *words: str) -> str:
        command = [sys.executable, "-m", "ahadi", *words]
        done = subprocess.run(command, env=self.surroundings, check=True, capture_output=True, text=True)
        return done.stdout

    def start(self) -> None:
        """Start whatever does not live."""
        for name, command in (("web", "web"), ("one", "work"), ("two", "work")):
            if name not in self.living:
                self.living[name] = subprocess.Popen(
                    [sys.executable, "-m", "ahadi", command],
                    env=self.surroundings,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def kill(self, name: str) -> None:
        """End one of them at once, with all its children, as a power cut would."""
        process = self.living.pop(name)
        # Its children are a group of their own also when it has ended before them.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait(self) -> None:
        """Until the web server answers."""
        for _count in range(400):
            try:
                urllib.request.urlopen(f"{self.surroundings['AHADI_URL']}/ledger/vkey", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("The web server does not come back.")


def drill(data: Path, kills: int, database: str = "", seed: int = 1) -> dict[str, object]:
    """Kill so many times under load; returns what was found afterwards."""
    with House(data, database) as house:
        acknowledged = _disturb(house, kills, random.Random(seed))
    (data / "acknowledged.json").write_text(json.dumps(acknowledged))
    return _check(house, data)


def _disturb(house: House, kills: int, chance: random.Random) -> list[tuple[str, int]]:
    """Write and kill at the same time; returns what was acknowledged."""
    token = house.call("token", "create", "--agent", "admin@localhost", "--scopes", "admin:*").split()[-1]
    loads = [Load(house.surroundings["AHADI_URL"], token) for _count in range(3)]
    house.start()
    house.wait()
    for load in loads:
        load.start()
    for _count in range(kills):
        time.sleep(chance.uniform(0.2, 1.2))
        for name in chance.sample(["web", "one", "two"], chance.choice([1, 1, 2, 3])):
            house.kill(name)
        house.start()
        house.wait()
    time.sleep(1)
    for load in loads:
        load.enough.set()
        load.join()
    return [pair for load in loads for pair in load.acknowledged]


def _check(house: House, data: Path) -> dict[str, object]:
    surroundings = house.surroundings | {"DJANGO_SETTINGS_MODULE": "ahadi.settings"}
    command = [sys.executable, "-c", CHECK, str(data / "acknowledged.json")]
    done = subprocess.run(command, env=surroundings, check=True, capture_output=True, text=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def is_right(found: dict[str, object]) -> bool:
    """Nothing twice, nothing missing, nothing changed."""
    wrong = any(found[name] for name in ("gaps", "twice", "missing", "faults"))
    return not wrong and found["entries"] == found["lines"]


def main() -> int:
    """Run the drill and print what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    arguments = parser.parse_args()
    # Whoever ends the drill early ends all that it started: they are groups of their own.
    signal.signal(signal.SIGTERM, lambda *_given: sys.exit(1))
    from ahadi.testing.postgresql import Server

    server = Server(is_durable=True) if arguments.database == "postgres" else None
    try:
        address = server.start() if server else ""
        with tempfile.TemporaryDirectory(prefix="ahadi-crash-") as folder:
            found = drill(Path(folder), arguments.kills, address, arguments.seed)
    finally:
        if server:
            server.stop()
    print(json.dumps(found, indent=1))
    print("Right." if is_right(found) else "WRONG.")
    return 0 if is_right(found) else 1


if __name__ == "__main__":
    sys.exit(main())
