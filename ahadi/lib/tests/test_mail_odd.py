"""Mails of our own making that are odd in the ways in which real ones are: no collection was copied."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahadi.lib.mail import new_text, parse

NEW = "It arrived today, thank you.\nThe lid is cracked."
OLD = "We sent it on Monday.\nYours, Mara"
WHO = "Mara Lind <help@marlo.example>"
# What programs write above the old words, in many languages and with their oddities.
ABOVE = [
    f"On 2 Dec 2026, at 11:00, {WHO} wrote:",
    f"On Wednesday, December 2nd, 2026 at 11:00, {WHO} wrote:",
    "On Wed, Dec 2, 2026 at 11:00\u202fAM Mara Lind via Marlo <\nhelp+abcd@marlo.example> wrote:",
    f"In mie., 2 dec. 2026 la 11:00, {WHO} a scris:",
    f"În mie., 2 dec. 2026 la 11:00, {WHO} a\nscris:",
    f"Mnamo Jum, 2 Des 2026 saa 11:00 {WHO} aliandika:",
    "\u202bבתאריך יום ד׳, 2 בדצמ׳ 2026 ב-11:00 מאת \u202aMara\u202c <\u202ahelp@x.example\u202c>:\u202c",
    f"ב-2 בדצמ׳ 2026, בשעה 11:00, {WHO} כתב/ה:",
    f"در تاریخ چهارشنبه ۲ دسامبر ۲۰۲۶ ساعت ۱۱:۰۰ {WHO}\nنوشت:",
    f"در تاریخ ۱۱ آذر ۱۴۰۵ ساعت ۱۱:۰۰، {WHO} نوشت:",
    f"في الأربعاء، ٢ ديسمبر ٢٠٢٦ في ١١:٠٠ ص تمت كتابة ما يلي بواسطة {WHO}:",
    f"Le mer. 2 déc. 2026 à 11:00, {WHO} a écrit :",
    "El mié, 2 dic 2026 a las 11:00, Mara Lind (<help@marlo.example>) escribió:",
    f"ср, 2 дек. 2026 г. в 11:00, {WHO}:",
    f"{WHO} ezt írta (időpont: 2026. dec. 2., Sze, 11:00):",
    f"Στις Τετ 2 Δεκ 2026 στις 11:00 π.μ., ο/η {WHO} έγραψε:",
    f"2026年12月2日(水) 11:00 {WHO}:",
    f"2026년 12월 2일 (수) 오전 11:00, {WHO}님이 작성:",
    f"{WHO} 于2026年12月2日周三 11:00写道：",
    "Am 02.12.26 um 11:00 schrieb Mara Lind:",
    "Am Mi., 2. Dez. 2026 um 11:00 Uhr schrieb Mara Lind <\nhelp@marlo.example>:",
    f"2 Ara 2026 Çar, 11:00 tarihinde {WHO} şunu yazdı:",
    "tr., 2026. g. 2. dec., plkst. 11:00 — lietotājs Mara Lind (<help@marlo.example>) rakstīja:",
    "-------- Mara Lind wrote on 2 Dec 2026 --------",
]
BLOCKS = [
    "   -----Original Message-----\n   From: Mara Lind\n   Sent: 2. 12. 2026\n   To: Ruth\n   Subject: Lid",
    f"*From:* {WHO}\n*Sent:* Wednesday, December 2, 2026 11:00\n*To:* Ruth\n*Subject:* Lid",
    f"از: {WHO}\nارسال شده: چهارشنبه ۲ دسامبر ۲۰۲۶\nبه: Ruth\nموضوع: درپوش",
    f"\u200fמאת: {WHO}\n\u200fנשלח: יום רביעי 02 דצמבר 2026 11:00\n\u200fאל: Ruth\n\u200fנושא: מכסה",
    f"De la: {WHO}\nTrimis: miercuri, 2 decembrie 2026 11:00\nCătre: Ruth\nSubiect: Capac",
    "Kutoka: Mara Lind\nTarehe: 2 Des 2026\nKwa: Ruth\nMada: Kifuniko",
    f"发件人： {WHO}\n发送时间： 2026年12月2日 11:00\n收件人： Ruth\n主题： Lid",
    "보낸 사람: Mara Lind\n보낸 날짜: 2026년 12월 2일\n받는 사람: Ruth\n제목: Lid",
]
# Words of customers that look a little like history.
OWN = [
    "From: Amsterdam\nTo: Paris\nThe parcel went that way and never came.",
    "On Monday you wrote: it is on its way. It is not.",
    "Date: 2 December\nTime: 11:00\nPlace: Berlin\nPlease confirm.",
    "در تاریخ ۲ دسامبر دستگاه را خریدم و از آن روز کار نمی‌کند.",
    "בתאריך 2 בדצמבר קניתי את המטחנה והיא לא עובדת.",
    "În 2 decembrie 2026 am scris: nu merge. Nici acum nu merge.",
    "Order 1:\nFrom: warehouse A\nTo: me\nOrder 2:\nFrom: warehouse B\nTo: my neighbour\nBoth are missing.",
    "1) On 2 Dec 2026 I paid.\n2) On 3 Dec 2026 you wrote:\nit is sent\n3) It is not here.",
    "👍",
    "؟",
]
ends = st.sampled_from(["\n", "\r\n", "\r"])


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(ABOVE), st.sampled_from(["\n\n", "\n"]), st.sampled_from([">", "> ", ">> "]), ends)
def test_what_a_program_writes_above_the_old_words_goes_with_them(above, gap, mark, end):
    old = "\n".join(mark + line for line in OLD.split("\n"))

    assert new_text(f"{NEW}\n\n{above}{gap}{old}\n".replace("\n", end)) == NEW


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(BLOCKS), st.booleans(), ends)
def test_a_block_of_headers_goes_with_what_is_below(block, is_quoted, end):
    old = f"{block}\n\n{OLD}"
    old = "\n".join(f"> {line}" for line in old.split("\n")) if is_quoted else old

    assert new_text(f"{NEW}\n\n{old}\n".replace("\n", end)) == NEW


@pytest.mark.parametrize("text", OWN)
def test_words_that_look_like_history_stay(text):
    assert new_text(text) == text


FA, RU, FR = "سلام، آسیاب من خراب است", "Здравствуйте, кофемолка сломалась", "Le café est cassé, désolé"
HE, JA, RO = "שלום, המטחנה שלי לא עובדת", "コーヒーミルが壊れました", "Bună ziua, râșnița s-a stricat"


def mail(body: bytes, kind: str, encoding: str = "8bit") -> bytes:
    head = f"From: a@x.example\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}"
    return f"{head}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("text", "written", "declared"),
    [
        (FA, "utf-8", ""),
        (FR, "utf-8", "iso-8859-1"),
        (FA, "utf-8", "windows-1252"),
        (RU, "utf-8", "us-ascii"),
        (FR, "utf-8", "unknown-8bit"),
        (FR, "utf-8", "3DUTF-8"),
        (FA, "utf-8", "utf8mb4"),
        (RO, "utf-16", "utf-16"),
        (HE, "cp1255", "iso-8859-8-i"),
        (RU, "koi8-r", "'KOI8-R'"),
        (RU, "cp1251", "win-1251"),
        ("déjà", "cp850", "cp-850"),
        (RO, "iso-8859-16", "iso-8859-16"),
        (JA, "cp932", "iso-2022-jp"),
        ("“Hi” – € 5", "cp1252", "iso-8859-1"),
        ("磨豆机镕坏了", "gb18030", "gb2312"),
        ("똠방각하 펲시", "cp949", "euc-kr"),
    ],
)
def test_a_text_is_read_whatever_its_label_says(text, written, declared):
    kind = f"text/plain; charset={declared}" if declared else "text/plain"

    assert parse(mail(text.encode(written), kind)).text.rstrip() == text


def test_a_text_that_was_cut_within_a_letter_keeps_all_others():
    read = parse(mail("Le café est cassé".encode()[:-1], "text/plain; charset=utf-8"))

    assert read.text.rstrip() == "Le café est cass\ufffd"
    assert "charset" in read.defects


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        (b"\xcentrebare", "Întrebare"),
        (b"=?UTF-8?q?caf=c3=a9?= =?utf-8?Q?_au_lait?=", "café au lait"),
        (b"=?utf-8*en?Q?caf=C3=A9?=", "café"),
        (b"=?utf-8?B?Y2Fmw6k?=", "café"),
        (b"=?utf-8?Q?a b?=", "a b"),
        (b"=?unknown?Q?abc?=", "abc"),
        (b"=?iso-8859-8-i?B?" + b64encode(HE.encode("cp1255")) + b"?=", HE),
    ],
)
def test_an_odd_subject_is_read(line, subject):
    assert parse(b"From: a@post.example\r\nSubject: " + line + b"\r\n\r\nx").subject == subject


@pytest.mark.parametrize(
    ("line", "email"),
    [
        (b"Kern, Anna <anna@post.example>", "anna@post.example"),
        (b"Anna <mailto:anna@post.example>", "anna@post.example"),
        (b"boss@marlo.example <x@evil.example>", "x@evil.example"),
        (b"=?utf-8?Q?Anna_=3Cboss=40marlo.example=3E?= <x@evil.example>", "x@evil.example"),
        (b"anna @ post.example", "anna@post.example"),
        (b"undisclosed-recipients:;", ""),
    ],
)
def test_the_sender_is_the_address_and_never_the_name(line, email):
    assert parse(b"From: " + line + b"\r\n\r\nx").sender.email == email


STATUS = "Reporting-MTA: dns; mx\n\nFinal-Recipient: {to}\nAction: failed\nStatus: 5.1.1\n"


def report(kind: str, fields: str, encoding: str = "8bit") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\nTo: help@marlo.example\nSubject: Returned\n"
        "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nSorry.\n"
        f"--b\nContent-Type: message/{kind}\nContent-Transfer-Encoding: {encoding}\n\n{fields}\n--b--\n"
    ).encode()


def test_a_report_is_read_however_it_was_packed():
    plain = STATUS.format(to="rfc822; jane@x.example")
    packed = b64encode(plain.encode()).decode()
    reports = [
        report("delivery-status", plain),
        report("delivery-status", "\n" + plain.replace("rfc822; ", "LOCAL;\n ")),
        report("delivery-status", packed, "base64"),
        report("global-delivery-status", STATUS.format(to="utf-8; jane@x.example")),
    ]

    for raw in reports:
        for written in (raw, raw.replace(b"\n", b"\r\n")):
            [bounce] = parse(written).bounce
            assert (bounce.recipient, bounce.permanent) == ("jane@x.example", True)
    [bounce] = parse(report("global-delivery-status", STATUS.format(to="utf-8; jané@x.example"))).bounce
    assert bounce.recipient == "jané@x.example"


@pytest.mark.parametrize(
    "words",
    [
        "Your message to jane@x.example couldn't be delivered.",
        "Ihre Nachricht konnte nicht zugestellt werden an:\njane@x.example",
        "Votre message n'a pas pu être remis à :\njane@x.example",
        "Tu mensaje no se entregó a jane@x.example porque no se encontró la dirección.",
        "پیام شما به jane@x.example تحویل داده نشد.",
        "לא ניתן היה למסור את ההודעה אל:\njane@x.example",
        "Mesajul nu a putut fi livrat la:\njane@x.example",
        "Ujumbe haukufika kwa jane@x.example",
        "Сообщение не может быть доставлено:\njane@x.example:",
        "以下のメールは配信できませんでした。\n\n<jane@x.example>:",
        "您的邮件无法投递到 jane@x.example",
    ],
)
def test_a_mail_server_with_a_status_code_reports_in_any_language(words):
    head = "From: postmaster@x.example\nTo: help@marlo.example\nSubject: .\n\n"

    [bounce] = parse(f"{head}{words}\n550 5.1.1\n".encode()).bounce

    assert (bounce.recipient, bounce.permanent) == ("jane@x.example", True)


def test_a_delay_told_in_words_is_no_failure():
    words = (
        "From: Mailer-Daemon@mx.example\nTo: help@marlo.example\nSubject: Warning: message delayed 24 hours"
        "\n\nA message has not yet been delivered to one of its recipients:\n\n  jane@x.example\n"
    )

    [bounce] = parse(words.encode()).bounce

    assert (bounce.recipient, bounce.permanent) == ("jane@x.example", False)


def test_people_who_write_about_deliveries_are_people():
    words = "From: jane@x.example\nSubject: Failed delivery\n\nIt failed on Monday. It is 5.1.1 km away."

    assert parse(words.encode()).bounce is None
