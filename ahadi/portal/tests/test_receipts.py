from __future__ import annotations

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ahadi.channels import links
from ahadi.ledger import keys, notes, verify
from ahadi.testing import make
from ahadi.tickets import papers, sequencing
from ahadi.tickets.said import Kind, Said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(settings, tmp_path):
    settings.AHADI_DATA = tmp_path


def given(text: str | bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("K7QF.tlog-proof", text.encode() if isinstance(text, str) else text)


def said(page) -> str:
    """What the page says above the form; below it lie the texts for the browser's own check."""
    return str(page.content.decode().partition('id="check"')[0])


def test_the_customer_takes_home_a_receipt_and_anybody_can_check_it(client):
    ticket = make.ticket()
    ticket.reply("It is on its way.", by=make.agent())
    client.post(links.make_link(ticket, ticket.address))

    page = client.get(f"/r/{ticket.number}/")
    receipt = client.get(f"/r/{ticket.number}/receipt/")

    assert f"/r/{ticket.number}/receipt/" in page.content.decode()
    vkey = client.get("/ledger/vkey").content.decode().strip()
    assert verify.receipt(receipt.content.decode(), [vkey]).events[-1]["case"] == ticket.number
    assert "no-store" in receipt["Cache-Control"]

    answer = client.post("/verify/", {"receipt": given(receipt.content), "keys": vkey})
    assert answer.status_code == 200
    assert "Proven." in said(answer)


@pytest.mark.parametrize("door", ["receipt", "paper", "entries/1/receipt", "entries/1/paper"])
def test_the_code_alone_gives_no_receipt(client, door):
    assert client.get(f"/r/{make.ticket().number}/{door}/").status_code == 404


def test_each_entry_has_a_receipt_of_its_own(client):
    ticket = make.ticket()
    ticket.reply("It is on its way.", by=make.agent())
    client.post(links.make_link(ticket, ticket.address))

    receipt = client.get(f"/r/{ticket.number}/entries/1/receipt/")

    assert f"/r/{ticket.number}/entries/1/paper/" in client.get(f"/r/{ticket.number}/").content.decode()
    vkey = client.get("/ledger/vkey").content.decode().strip()
    assert [event["seq"] for event in verify.receipt(receipt.content.decode(), [vkey]).events] == [1]
    assert client.get(f"/r/{ticket.number}/entries/99/receipt/").status_code == 404


def test_a_note_has_no_receipt_for_the_customer(client):
    ticket = make.ticket()
    note = ticket.note("He calls every day.", by=make.agent())
    client.post(links.make_link(ticket, ticket.address))

    assert client.get(f"/r/{ticket.number}/entries/{note.seq}/receipt/").status_code == 404


def test_the_customer_takes_home_a_paper_with_the_receipt_inside(client):
    ticket = make.ticket()
    client.post(links.make_link(ticket, ticket.address))

    paper = client.get(f"/r/{ticket.number}/paper/")

    assert paper["Content-Type"] == "application/pdf"
    document = pypdfium2.PdfDocument(paper.content)
    inside = [document.get_attachment(number) for number in range(document.count_attachments())]
    (receipt,) = (bytes(file.get_data()) for file in inside if file.get_name().endswith(".tlog-proof"))
    vkey = client.get("/ledger/vkey").content.decode().strip()
    assert verify.receipt(receipt.decode(), [vkey]).events


def test_a_code_for_somebody_else_is_never_printed(client):
    ticket = make.ticket()
    ticket.receive(Said(Kind.MESSAGE, "Your code is 918273.", by=ticket.requester, data={"code_mail": True}))

    paper = pypdfium2.PdfDocument(papers.receipt(ticket, "en"))

    shown = "".join(page.get_textpage().get_text_range() for page in paper)
    inside = [bytes(paper.get_attachment(n).get_data()) for n in range(paper.count_attachments())]
    assert "918273" not in shown
    assert not any(b"918273" in content for content in inside)


def test_a_receipt_that_is_late_is_said_so_and_nothing_is_lost(client):
    ticket = make.ticket()
    client.post(links.make_link(ticket, ticket.address))
    keys.remember(10**6, bytes(32))

    late = client.get(f"/r/{ticket.number}/receipt/")

    assert late.status_code == 503
    assert "Everything you wrote is kept" in late.content.decode()


def test_a_changed_receipt_or_another_key_proves_nothing(client):
    ticket = make.ticket()
    text = str(sequencing.receipt(ticket))
    vkey = client.get("/ledger/vkey").content.decode().strip()
    index = text.index("\nindex ")
    other = notes.Signer(vkey.split("+")[0], bytes(32)).vkey

    for receipt, key in ((text[: index - 9] + "A" + text[index - 8 :], vkey), (text, other)):
        answer = client.post("/verify/", {"receipt": given(receipt), "keys": key})
        assert answer.status_code == 422
        assert "Proven." not in said(answer)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no receipt", b"x" * 3_000_000])
def test_what_is_no_receipt_gets_a_sentence_beside_the_field(client, content):
    make.ticket()
    sequencing.sequence()
    vkey = client.get("/ledger/vkey").content.decode().strip()

    answer = client.post("/verify/", {"receipt": given(content), "keys": vkey})

    assert answer.status_code == 422
    assert 'id="id_receipt-error"' in answer.content.decode()


def test_without_a_file_or_a_key_both_are_asked_for(client):
    page = client.post("/verify/", {"keys": ""}).content.decode()

    assert "Choose the file of the receipt." in page
    assert "Put the published key of the ledger here." in page


def test_no_address_of_a_page_breaks_on_the_first_day(client):
    assert client.get("/verify/").status_code == 200
