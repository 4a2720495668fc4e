from __future__ import annotations

import base64

import pytest
from django.test import Client

from ahadi.ledger import asking, keys, log, notes, tree, verify
from ahadi.ledger.models import Checkpoint, Watched, Witness
from ahadi.lib import clock, fetch
from ahadi.testing import make
from ahadi.tickets import sequencing

pytestmark = pytest.mark.django_db

LOG = notes.Signer("other.example/ledger", bytes(range(32)))
LEAVES = [tree.leaf_hash(bytes([number])) for number in range(9)]


def note(size: int, signer: notes.Signer = LOG, leaves: list[bytes] | None = None) -> str:
    return notes.checkpoint(signer, size, tree.root((leaves or LEAVES)[:size]))


def proof(old: int, new: int) -> list[bytes]:
    """RFC 6962, section 2.1.2, as its text says it."""

    def sub(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
        if old == len(leaves):
            return [] if whole else [tree.root(leaves)]
        middle = tree.split(len(leaves))
        if old <= middle:
            return [*sub(old, leaves[:middle], whole), tree.root(leaves[middle:])]
        return [*sub(old - middle, leaves[middle:], False), tree.root(leaves[:middle])]

    return sub(old, LEAVES[:new], True) if 0 < old < new else []


def body(old: int, new: int, *, hashes: list[bytes] | None = None, text: str = "") -> bytes:
    lines = "".join(
        base64.b64encode(h).decode() + "\n" for h in (proof(old, new) if hashes is None else hashes)
    )
    return f"old {old}\n{lines}\n{text or note(new)}".encode()


@pytest.fixture
def send(client: Client):
    Watched.objects.create(origin=LOG.name, vkeys=[LOG.vkey])

    def post(content: bytes):
        return client.post("/add-checkpoint", content, content_type="text/plain")

    return post


def test_a_log_that_grows_is_cosigned_at_every_step(send):
    old = 0
    for new in (1, 3, 3, 8, 9):
        answer = send(body(old, new))

        assert answer.status_code == 200
        text = note(new).partition("\n\n")[0] + "\n"
        vkeys = [keys.witness().vkey, LOG.vkey]
        signed = verify.note(f"{note(new)}{answer.content.decode()}", vkeys)
        assert signed.verified == (LOG.name, keys.witness().name)
        assert signed.text == text
        old = new


def test_an_old_size_that_is_not_the_one_seen_is_told_the_right_one(send):
    send(body(0, 3))

    answer = send(body(1, 8))

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (409, b"3\n", "text/x.tlog.size")


def test_another_history_of_the_same_size_is_refused_and_kept_as_proof(send):
    send(body(0, 3))

    other = note(3, leaves=LEAVES[::-1])
    assert send(body(3, 3, hashes=[], text=other)).status_code == 409
    assert other in Watched.objects.get().forked


def test_a_history_that_does_not_continue_is_not_signed(send):
    send(body(0, 3))

    assert send(body(3, 8, hashes=[bytes(32)] * 4)).status_code == 422
    assert send(body(3, 8, hashes=[])).status_code == 422
    assert Watched.objects.get().size == 3


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"\xff", 400),
        (b"old 1\n\nhello", 400),
        (b"old 01\n\n" + note(3).encode(), 400),
        (b"old -1\n\n" + note(3).encode(), 400),
        (body(0, 3, hashes=[bytes(31)]), 400),
        (body(0, 3, hashes=[bytes(32)] * 64), 400),
        (body(5, 3, hashes=[]), 400),
        (body(0, 3, text=note(3, notes.Signer("unknown.example/x", bytes(32)))), 404),
        (body(0, 3, text=note(3, notes.Signer(LOG.name, bytes(32)))), 403),
        (body(0, 3, hashes=[bytes(32)]), 422),
    ],
)
def test_every_refusal_has_the_status_of_the_specification(send, content, status):
    assert send(content).status_code == status
    assert Watched.objects.get().size == 0


def test_two_installations_witness_each_other(client):
    make.ticket()
    sequencing.sequence()
    witness = keys.witness()
    Witness.objects.create(name=witness.name, vkey=witness.vkey, url="https://w.example")
    Watched.objects.create(origin=keys.signers()[-1].name, vkeys=[keys.signers()[-1].vkey])

    def post(address: str, content: bytes) -> fetch.Fetched:
        assert address == "https://w.example/add-checkpoint"
        answer = client.post("/add-checkpoint", content, content_type="text/plain")
        return fetch.Fetched(answer.status_code, answer.content, address)

    with clock.at(clock.now() + log.STEP * 2):
        assert asking.ask(post) == 1
        assert asking.ask(post) == 0
        shown = client.get("/ledger/checkpoint").content.decode()
    signed = verify.note(shown, [witness.vkey, *log.vkeys()])
    assert signed.verified == (keys.signers()[-1].name, witness.name)

    make.ticket()
    ticket = make.ticket()
    sequencing.sequence()
    assert verify.receipt(str(sequencing.receipt(ticket)), log.vkeys()).events
    Witness.objects.update(size=0)
    with clock.at(clock.now() + log.STEP * 2):
        assert asking.ask(post) == 1
    proven = verify.receipt(str(sequencing.receipt(ticket)), [witness.vkey, *log.vkeys()])
    assert proven.signers == (keys.signers()[-1].name, witness.name)


@pytest.mark.parametrize("answer", [(200, b""), (200, b"\xe2\x80\x94 w x\n"), (500, b""), (409, b"99999\n")])
def test_what_a_witness_says_wrongly_is_not_believed(answer):
    make.ticket()
    sequencing.sequence()
    witness = keys.witness()
    Witness.objects.create(name=witness.name, vkey=witness.vkey, url="https://w.example")

    with clock.at(clock.now() + log.STEP * 2):
        assert asking.ask(lambda address, _body: fetch.Fetched(*answer, address)) == 0
    assert Witness.objects.get().said


def test_consistency_is_shown_between_signed_sizes_only(client):
    sizes = []
    for _count in range(3):
        make.ticket()
        sequencing.sequence()
        sizes.append(log.last().size)
    first, _second, last = sizes

    answer = client.get(f"/ledger/consistency/{first}/{last}")

    proof = [base64.b64decode(line) for line in answer.content.decode().split()]
    roots = {one.size: bytes(one.root) for one in Checkpoint.objects.all()}
    verify.consistency(first, roots[first], last, roots[last], proof)
    for wrong in (f"{last}/{first}", f"1/{last}", f"{first}/{last + 1}"):
        assert client.get(f"/ledger/consistency/{wrong}").status_code == 404


def test_the_policy_names_the_keys_and_the_witnesses(client):
    make.ticket()
    sequencing.sequence()
    assert client.get("/ledger/policy").content.decode().endswith("quorum none\n")
    Witness.objects.create(name="w.example/w", vkey="w.example/w+x+y", url="https://w.example")

    lines = client.get("/ledger/policy").content.decode().splitlines()

    assert lines[0].startswith(f"log {log.vkeys()[0]} ")
    assert lines[1:] == ["witness w1 w.example/w+x+y https://w.example", "group any any w1", "quorum any"]
