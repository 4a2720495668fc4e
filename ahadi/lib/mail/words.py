"""The words mail programs put above a quoted mail, in the languages customers write from."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ahadi.lib.folding import fold

# "… wrote", past or present, in the genders that programs print.
_WROTE = (
    "wrote|writes|schrieb|schreibt|a écrit|écrit|escribió|escribe|escribiu|escribeu|ha scritto",
    "scrive|ha escrit",
    "escreveu|schreef|skrev|skriver|skreiv|skrifaði|skreau|kirjoitti|kirjutas|napisał|napisał/a",
    "napisał\\(a\\)|napisała",
    "pisze|napsal|napsala|napsal\\(a\\)|napísal|napísala|je napisao|napisao|napisala|a scris|scrie",
    "yazdı|yazmış|írta",
    "shkroi|skribis|menulis|idatzi|rakstīja|rašė|parašė|sporoča|je napisal|hà scrittu|đã viết",
    "ysgrifennodd|scríobh|sgrìobh",
    "писал|писала|написал|написала|написал\\(а\\)|пишет|пише|піша|написав|написала|написа|έγραψε",
    "գրել է",
    "نوشت|نوشته|نوشته است|نوشته‌اند|کتب|כתב|כתבה|כתב/ה|כותב|כותבת|כתבו|מאת",
    "aliandika|ameandika|kaandika|ने लिखा|დაწერა",
)
# Chinese, Japanese, Korean and Dravidian words have no edges that a pattern could see.
_WROTE_INSIDE = ("写道|寫到|寫道|より|書きました|작성|씀|எழுதி|എഴുതി",)

# One word of "original message" or "forwarded message" between two rows of dashes.
_ORIGINAL = (
    "original|originale|originala|originalus|origjinal|origineel|orijinal|origine|initial",
    "forwarded|forwarded message",
    "ursprüngliche|ursprungligt|originalmeddelande|weitergeleitete|transféré|reenviado|encaminhada",
    "inoltrato",
    "doorgestuurd|vidarebefordrat|opprinnelig|opphavleg|oprindelig|videresendt|alkuperäinen",
    "välitetty|oryginalna",
    "przekazana|przesłana|redirecționat|redirecţionat|transmis|reexpediat|исходное|оригинальное",
    "оригинал|пересылаемое",
    "пересланное|özgün|iletilen|původní|pôvodná|eredeti|izvirno|originalna|оригинална|оригінальне",
    "πρωτότυπο",
    "پیام اصلی|پیام نخستین|پیام فوروارد شده|پیام هدایت شده|پیام ارجاع شده|نامه اصلی",
    "الرسالة الأصلية|رسالة معاد توجيهها",
    "הודעה מקורית|ההודעה המקורית|הודעה שהועברה|הודעה מועברת|ujumbe asili|ujumbe wa asili",
    "ujumbe wa awali",
    "ujumbe uliosambazwa|ujumbe uliotumwa|barua asili",
    "weitergeleiteten|reencaminhada|reexpédié|transférés|transmise|przekazywanej|przekierowana",
    "proslijeđena|proslijeđenu|továbbított|preposlaná|preposlanej|přeposlaná|přeposílané|přeposlané",
    "edelleenlähetetty|alkuperäisviesti|iletilmiş|iletilen ileti|ileti başlangıcı|переадресованного",
    "переслане|перенаправлене|пересилається|препратено|προωθημένο|προωθούμενο|edastatud|persiųsta",
    "pārsūtīts|posredovano|diteruskan|diteruskan kembali|chuyển tiếp|áframsent|cur ar aghaidh",
)
_ORIGINAL_INSIDE = ("原始|转发|轉寄|轉發|元の|元メール|転送|원본|전달|ส่งต่อ|अग्रेषित",)

_LABELS = {
    "sender": (
        "from|von|de|de la|da|van|fra|från|od|lähettäjä|от|от кого|від|kimden|gönderen|מאת|از|از طرف",
        "فرستنده|من|مِن",
        "kutoka|kutoka kwa|expéditeur|remitente|mittente|afzender|nadawca|expeditor|feladó|odesílatel",
        "од|nga|od koga|expeditorul|отправитель|від кого|šalje|saatja|avsändare|avsender|afsender",
        "absender|remetente|odosielateľ|pošiljatelj|pošiljalac|siuntėjas|sūtītājs|подател|відправник",
        "αποστολέας|pengirim|người gửi|sendandi|寄件人|보낸사람|発信者|送信者|จาก|प्रेषक|المرسل منه|مرسل",
        "发件人|寄件者|差出人|보낸 사람|από|dari",
    ),
    "to": (
        "to|an|à|para|aan|til|till|do|vastaanottaja|кому|kime|alıcı|אל|לכבוד|به|گیرنده|إلى|kwa",
        "destinataire|destinatario",
        "pour|pre|prima|príjemca|příjemce|mottagare|mottaker|modtager|saaja|gavėjas|primatelj|получатель",
        "отримувач|получател|destinatari|destinatário|adresat|empfänger|ontvanger|penerima|người nhận|收件方",
        "받는사람|수신|수신자|ถึง|la|către|catre|komu|za|címzett|收件人|收件者|宛先|받는 사람|προς|kepada|a",
    ),
    "date": (
        "date|sent|gesendet|datum|envoyé|envoyé le|enviado|enviado el|enviada em|enviado em|fecha|data",
        "inviato|inviato il",
        "verzonden|sendt|dato|skickat|wysłane|wysłano|lähetetty|päiväys|дата|отправлено|надіслано",
        "tarih|gönderildi|gönderilme",
        "נשלח|נשלח ב|תאריך|تاریخ|ارسال|ارسال شده|ارسال شده در|زمان ارسال|المرسل|trimis|trimis la",
        "tarehe|imetumwa|ilitumwa",
        "odesláno|elküldve|发送时间|寄送日期|送信日|送信日時|보낸 날짜|αποστολή|ημερομηνία|dikirim",
        "terkirim|päivämäärä|dátum|dată|odoslané|gönderilen|відправлено|изпратено|изпратена|kuupäev",
        "saadetud|poslano|poslato|enviat|enviada|gesendet am|日期|日付|日時|날짜|보낸날짜|ngày|tanggal|วันที่",
        "dags|dagsetning|nosūtīts|išsiųsta|dato sendt|datë|تاریخ ارسال|التاريخ|تاريخ الإرسال",
    ),
    "subject": (
        "subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|emne|ämne|temat|aihe|тема|konu",
        "נושא|הנושא|הנדון",
        "موضوع|عنوان|الموضوع|subiect|subiectul|mada|kichwa|kuhusu|somo|předmět|predmet|zadeva|tárgy",
        "主题|主旨|標題|标题|件名|제목|θέμα|subjek|naslov|teema|thema|tema|tėma|temats|efni|perihal|chủ đề",
        "เรื่อง|विषय|lénde|относно|предмет|assumpte|gaia",
    ),
    "cc": (
        "cc|kopie (cc)|copie à|kópia|kópie|kopija|kopja|másolat|másolatot kap|koopia|cópia|κοιν|κοινοποίηση",
        "copie|copia|kopie|kopia|kopi|kopio|dw|копия|копія|bilgi|עותק|העתק|رونوشت|رونوشت به|نسخه",
        "nakala|抄送|副本|참조",
    ),
}


def _words(groups: Iterable[str]) -> list[str]:
    return [fold(word) for group in groups for word in group.split("|")]


def _pattern(edged: Iterable[str], inside: Iterable[str]) -> re.Pattern[str]:
    # The edges are written out, because a Hebrew or Persian word may touch a digit or a bracket.
    longest_first = sorted(_words(edged), key=len, reverse=True)
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(longest_first)})(?![^\W\d_])|{'|'.join(_words(inside))}")


WROTE = _pattern(_WROTE, _WROTE_INSIDE)
ORIGINAL = _pattern(_ORIGINAL, _ORIGINAL_INSIDE)
# As they are written, for lines that hold a whole block; short ones need an edge before them.
WRITTEN_LABELS = sorted(
    {word for groups in _LABELS.values() for group in groups for word in group.split("|")},
    key=len,
    reverse=True,
)
LABELS: dict[str, str] = {label: role for role, groups in _LABELS.items() for label in _words(groups)}
