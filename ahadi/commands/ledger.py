"""Keys and witnesses of the ledger: show them, change the key, begin a new ledger after an old back-up."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ahadi.commands import Refused, setup

ACTS = ("show", "rotate", "anew", "witness", "watch")


def add_arguments(parser: ArgumentParser) -> None:
    """What is to be done, and with whom."""
    parser.add_argument(
        "act",
        choices=ACTS,
        help="show: keys and state; rotate: a new key of the same name signs from now on; "
        "anew: begin a new ledger, where the database is older than what was signed; "
        "witness: have the log signed by a witness too; watch: be a witness of another log",
    )
    parser.add_argument("--vkey", metavar="KEY", help="the published key of the witness or of the other log")
    parser.add_argument("--url", metavar="URL", help="where the witness is asked")
    parser.add_argument("--yes", action="store_true", help="confirm that a new ledger is to begin")


def run(arguments: Namespace) -> int:
    """Do it, and say how things stand then."""
    setup.require_setup()
    acts = {"rotate": _rotate, "anew": _begin_anew, "witness": _add_witness, "watch": _watch}
    if arguments.act in acts:
        acts[arguments.act](arguments)
    return _show()


def _show() -> int:
    from ahadi.ledger import keys, log
    from ahadi.ledger.models import Watched, Witness

    for signer in keys.signers():
        print(f"key      {signer.vkey}")
    newest, seen = log.last(), keys.seen()
    print(f"lines    {newest.size if newest else 0}, signed up to {seen.size if seen else 0}")
    print(f"witness  {keys.witness().vkey} (as which this place signs other logs)")
    for witness in Witness.objects.order_by("pk"):
        print(f"asked    {witness.vkey} at {witness.url}, knows {witness.size} lines. {witness.said}")
    for watched in Watched.objects.order_by("pk"):
        print(f"watched  {watched.origin}, {watched.size} lines{'. TWO HISTORIES' if watched.forked else ''}")
    return 0


def _rotate(arguments: Namespace) -> None:
    from ahadi.ledger import keys

    keys.rotate()


def _begin_anew(arguments: Namespace) -> None:
    from ahadi.ledger import keys, log

    newest, seen = log.last(), keys.seen()
    if seen is None or (newest and newest.size >= seen.size):
        raise Refused("The ledger can go on as it is; there is no reason to begin a new one.")
    if not arguments.yes:
        size = newest.size if newest else 0
        raise Refused(
            f"The database has {size} lines and {seen.size} were signed: receipts of the last "
            f"{seen.size - size} stay valid, and the requests behind them are gone here. "
            "Look for a newer back-up first. To begin a new ledger all the same, add --yes."
        )
    keys.begin_anew()


def _add_witness(arguments: Namespace) -> None:
    from ahadi.ledger.models import Witness
    from ahadi.ledger.verify import COSIGNATURE

    name = _name(arguments, COSIGNATURE)
    if not arguments.url:
        raise Refused("Say where the witness is asked: --url https://…")
    Witness.objects.update_or_create(name=name, defaults={"vkey": arguments.vkey, "url": arguments.url})


def _watch(arguments: Namespace) -> None:
    from ahadi.ledger.models import Watched
    from ahadi.ledger.verify import ED25519

    watched, _is_new = Watched.objects.get_or_create(origin=_name(arguments, ED25519))
    watched.vkeys = [*dict.fromkeys([*watched.vkeys, arguments.vkey])]
    watched.save(update_fields=["vkeys"])


def _name(arguments: Namespace, algorithm: int) -> str:
    from ahadi.ledger import verify

    try:
        key = verify.key(arguments.vkey or "")
    except verify.Unreadable:
        raise Refused("Give the whole published key: --vkey name+12345678+base64") from None
    if key.algorithm != algorithm:
        raise Refused("This key is of the other kind: logs and witnesses have keys of their own.")
    return key.name
