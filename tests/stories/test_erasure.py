"""A person wants to be forgotten: afterwards their words are nowhere, and every other proof still holds."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import translation
from django.utils.module_loading import import_string

from ahadi.channels import links
from ahadi.channels.models import RawMessage
from ahadi.ledger import log, verify
from ahadi.ledger.models import Leaf
from ahadi.lib import clock, store
from ahadi.lib.environment import ROOT
from ahadi.outbox import jobs
from ahadi.people.models import Address, Customer
from ahadi.testing import machine, make, prepared
from ahadi.testing.postgresql import Server
from ahadi.tickets import erasure, papers, sequencing, sweeping
from ahadi.tickets.models import Attachment, Entry, Erasure, Hold, Ticket, Words
from ahadi.tickets.said import File, Kind, Said

# Words that stand nowhere else on this machine.
SECRETS = [b"zirkonquitte", b"ofenrohrlamm", b"tausendschnabel", b"kranichweste", b"mondkalbzaun"]


def asked(customer: Customer) -> Erasure:
    return Erasure.objects.create(customer=customer, reason="withdrawn", asked_by=make.admin("Ada Stone"))


def talk() -> Ticket:
    """A request with words in every place that keeps words."""
    by = make.address("kranichweste@post.example", "Mondkalbzaun Kern")
    text = "My zirkonquitte broke. " * 40
    file = File("ofenrohrlamm.txt", "text/plain", b"ofenrohrlamm " * 1_000)
    ticket = make.ticket(text, "About a zirkonquitte", by=by, html=f"<p>{text}</p>", files=[file])
    agent = make.agent()
    ticket.note("The tausendschnabel is the reason.", by=agent)
    ticket.rename("The second zirkonquitte", by=agent)
    ticket.reply("We mend the zirkonquitte.", by=agent, files=[file])
    links.make_link(ticket, by)
    return ticket


def audit() -> list[object]:
    return [fault for path in settings.AUDITS for fault in import_string(path)()]


@pytest.mark.django_db
def test_a_person_is_forgotten_and_all_other_proofs_hold():
    gone, stays = talk(), make.ticket("My kettle broke.")
    kept = sequencing.receipt(stays)
    own = sequencing.receipt(gone)

    erasure.confirm(asked(gone.requester), make.admin("Jon Hall"))
    jobs.run_due()

    assert audit() == []
    for receipt in (kept, own, sequencing.receipt(stays)):
        assert verify.receipt(receipt, log.vkeys()).events
    gone.refresh_from_db()
    assert (gone.status, gone.subject, gone.requester.name) == ("solved", "", "")
    assert not Address.objects.filter(value__contains="kranichweste").exists()
    assert not Attachment.objects.filter(entry__ticket=gone).exists()


@pytest.mark.django_db
def test_a_tombstone_counts_what_is_gone_and_names_nobody():
    ticket = talk()
    count = ticket.entries.count()

    erasure.confirm(asked(ticket.requester), make.admin("Jon Hall"))

    stone = ticket.entries.order_by("-seq").select_related("words")[0]
    assert (stone.kind, stone.code) == ("event", "erased")
    assert stone.words.data == {"reason": "withdrawn", "count": count, "seqs": list(range(1, count + 1))}


@pytest.mark.django_db
def test_the_preview_says_exactly_what_goes():
    ticket = talk()

    preview = erasure.preview(erasure.Matter.of(ticket.requester))
    counts = erasure.confirm(asked(ticket.requester), make.admin("Jon Hall"))

    assert preview == counts
    assert preview["tickets.Attachment"] == 2
    assert preview["tickets.Words"] == preview["ledger.Opening"] > 4


@pytest.mark.django_db
def test_in_place_of_the_words_stands_when_they_went_and_why(client):
    ticket = talk()
    quoting = make.ticket("My kettle broke.")
    guest = ticket.address
    quoting.receive(Said(Kind.MESSAGE, "The same zirkonquitte.", by=guest.customer, address=guest))
    raw = RawMessage.objects.create(
        sha256=store.put(b"x"), size=1, outcome="ticket", entry=ticket.entries.first()
    )

    with clock.at(datetime(2026, 12, 2, 9, tzinfo=UTC)):
        erasure.confirm(asked(ticket.requester), make.admin("Jon Hall"))
        jobs.run_due()
        client.force_login(make.lead())
        shown = client.get(f"/desk/open/{quoting.number}/").content.decode()
    with translation.override("en"):
        paper = pypdfium2.PdfDocument(papers.receipt(quoting, "en"))
    printed = "\n".join(page.get_textpage().get_text_range() for page in paper)

    for said in (shown, " ".join(printed.split())):
        assert "erased on Wednesday 2 December" in said
        assert "The person withdrew their consent" in said
        assert "17(1)(b)" in said
    assert client.get(f"/desk/raw/{raw.pk}/").status_code == 404


@pytest.mark.django_db
def test_nobody_erases_alone():
    wanted = asked(make.ticket().requester)

    with pytest.raises(ValueError, match="does not confirm"):
        erasure.confirm(wanted, wanted.asked_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        Erasure.objects.update(confirmed_by=wanted.asked_by)


@pytest.mark.django_db
def test_a_hold_in_law_stops_it_and_nothing_is_touched():
    ticket = talk()
    wanted = asked(ticket.requester)
    Hold.objects.create(customer=ticket.requester, reason="A court asks for it.", set_by=wanted.asked_by)

    with pytest.raises(erasure.Held):
        erasure.confirm(wanted, make.admin("Jon Hall"))

    wanted.refresh_from_db()
    assert wanted.is_waiting
    assert Words.objects.filter(entry__ticket=ticket, text__contains="zirkonquitte").exists()


@pytest.mark.django_db
def test_a_complaint_that_waits_for_its_decision_stops_it(settings):
    settings.ERASURE_OBJECTIONS = ["tests.stories.test_erasure.objects"]

    with pytest.raises(erasure.Held):
        erasure.confirm(asked(talk().requester), make.admin("Jon Hall"))


def objects(matter: erasure.Matter) -> bool:
    return matter.tickets.exists()


@pytest.mark.django_db
def test_what_was_erased_twice_is_erased_once():
    ticket = talk()
    wanted = asked(ticket.requester)
    other = make.admin("Jon Hall")

    first = erasure.confirm(wanted, other)

    assert first
    assert erasure.confirm(wanted, other) == {}
    assert ticket.entries.filter(code="erased").count() == 1


@pytest.mark.django_db
def test_words_in_requests_of_others_go_and_the_rest_of_them_stays():
    ticket = make.ticket("My kettle broke.")
    guest = make.address("ben@post.example", "Ben Oak")
    ticket.receive(Said(Kind.MESSAGE, "I have the same zirkonquitte.", by=guest.customer, address=guest))

    erasure.confirm(asked(guest.customer), make.admin("Jon Hall"))

    ticket.refresh_from_db()
    assert (ticket.status, ticket.subject) == ("open", "The grinder stops after two seconds")
    texts = Words.objects.filter(entry__ticket=ticket).values_list("text", flat=True)
    assert "My kettle broke." in texts
    assert not any("zirkonquitte" in text for text in texts)
    assert audit() == []


@pytest.mark.django_db
def test_what_is_left_after_an_erasure_is_found_by_the_audit():
    ticket = talk()
    erasure.confirm(asked(ticket.requester), make.admin("Jon Hall"))

    with erasure.lifted("tickets_words"):
        Words.objects.filter(entry__ticket=ticket, entry__seq=1).update(text="It was not so.")

    assert [fault.code for fault in audit()] == ["not_erased"]


@pytest.mark.django_db
def test_history_stays_protected_after_an_erasure():
    ticket, other = talk(), make.ticket()
    erasure.confirm(asked(ticket.requester), make.admin("Jon Hall"))

    for rows in (Words.objects.filter(entry__ticket=other), Words.objects.filter(entry__ticket=ticket)):
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            rows.update(text="x")


def test_every_table_about_people_says_what_becomes_of_its_rows():
    about = {Ticket, Entry, Customer, Address, Leaf}

    missing = [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if any(field.remote_field and field.related_model in about for field in model._meta.concrete_fields)
        and model._meta.label not in settings.ERASURE
    ]

    assert missing == [], "Say in settings.ERASURE what becomes of these when somebody is forgotten."


DRILL = """
import sys
from pathlib import Path
import django
django.setup()
from django.db import connection
from ahadi.channels.models import Draft
from ahadi.lib import clock
from ahadi.outbox import jobs
from ahadi.testing import make
from ahadi.tickets import erasure, sequencing
from ahadi.tickets.models import Erasure, Statement
from tests.stories.test_erasure import audit, found, talk

ticket = talk()
Statement.objects.update_or_create(ticket=ticket, defaults={"problem": "The zirkonquitte"})
Draft.objects.create(
    ticket=ticket, agent=make.agent(), text="A tausendschnabel", seq=1, reason="taken_back"
)
jobs.run_due()
make.ticket("My kettle broke.")
sequencing.sequence()
if connection.vendor == "postgresql":
    # What was committed a moment ago is in its files.
    connection.cursor().execute("CHECKPOINT")
print(*sorted({word.decode() for place in sys.argv[1:] for _name, word in found(Path(place))}))

wanted = Erasure.objects.create(
    customer=ticket.requester, reason="withdrawn", asked_by=make.admin("Ada Stone")
)
erasure.confirm(wanted, make.admin("Jon Hall"))
jobs.run_due()
assert Erasure.objects.get().swept
assert audit() == []
"""


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    """The address of a database of its own, and the folder in which it keeps everything."""
    if request.param == "sqlite":
        yield "", None
        return
    if machine.find_postgresql() is None:
        pytest.skip("PostgreSQL is not installed.")
    server = Server()
    yield server.start(), server.folder
    server.stop()


def test_after_an_erasure_no_byte_of_it_is_anywhere(tmp_path, database):
    address, folder = database
    places = [tmp_path, *([folder] if folder else [])]
    house = prepared.surroundings(tmp_path / "house", DJANGO_SETTINGS_MODULE="ahadi.settings")
    house |= {"AHADI_DATABASE": address} if address else {}

    def run(*words: str) -> str:
        command = [sys.executable, *words]
        done = subprocess.run(command, env=house, cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout

    prepared.copy(tmp_path / "house")
    if address:
        run("-m", "ahadi", "setup")
    key = (tmp_path / "house" / "secret.key").read_text().strip()
    house["AHADI_SECRET_KEY"] = key
    before = run("-c", DRILL, *map(str, places))
    run("-m", "ahadi", "backup", str(tmp_path / "after.zip"))

    assert before.split() == sorted(word.decode() for word in SECRETS)
    assert [hit for place in places for hit in found(place)] == []


@pytest.mark.django_db
def test_a_large_database_is_written_anew_at_night():
    make.company(time_zone="Europe/Bucharest")

    for hour, seconds in ((0, 1.5 * 3600), (12, 13.5 * 3600)):
        # Two hours later in Bucharest.
        assert sweeping.until_night(datetime(2026, 11, 23, hour, tzinfo=UTC)) == seconds


def found(folder: Path) -> list[tuple[str, bytes]]:
    """Where the secret words stand: database, its log, stored files, back-ups unpacked."""
    hits = set()
    for path in folder.rglob("*"):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                contents = [(member, archive.read(member)) for member in archive.namelist()]
        else:
            contents = [(path.name, path.read_bytes())] if path.is_file() else []
        hits |= {(name, word) for name, content in contents for word in SECRETS if word in content.lower()}
    return sorted(hits)


@pytest.mark.django_db
def test_no_table_holds_a_word_of_it(settings, tmp_path):
    settings.AHADI_FILES = tmp_path
    ticket = talk()
    jobs.run_due()

    erasure.confirm(asked(ticket.requester), make.admin("Jon Hall"))
    jobs.run_due()

    hits = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            said = " ".join(map(_plain, cursor.fetchall())).lower()
            hits |= {(table, word) for word in SECRETS if word.decode() in said}
    assert hits == set()
    assert list(store.names()) == []


def _plain(row: tuple[object, ...]) -> str:
    return " ".join(
        bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)
        for value in row
    )
