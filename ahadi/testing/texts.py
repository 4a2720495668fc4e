"""Sentences that customers and agents of the demo company might write, in five languages."""

from __future__ import annotations

from typing import NamedTuple


class Voice(NamedTuple):
    """How people of one language speak: names, things, subjects, complaints, answers, thanks."""

    names: tuple[str, ...]
    things: tuple[str, ...]
    subjects: tuple[str, ...]
    messages: tuple[str, ...]
    replies: tuple[str, ...]
    thanks: tuple[str, ...]


# {thing} and {order} are filled in.
VOICES = {
    "en": Voice(
        names=("Anna Kern", "Daniel Weiss", "Kwame Mensah", "Ruth Ellis", "Tom Okafor", "Clare Byrne"),
        things=("Rondo grinder", "Piccolo machine", "milk jug", "kettle", "filter set", "scale"),
        subjects=(
            "The {thing} stops after two seconds",
            "Where is order {order}?",
            "The {thing} arrived broken",
            "Invoice for order {order}",
            "Can I still change the delivery day?",
        ),
        messages=(
            "My {thing} from order {order} runs for two seconds and then stops. The light blinks red.",
            "I ordered the {thing} nine days ago (order {order}) and nothing has been scanned since.",
            "The box with the {thing} was open and the handle is cracked. Photos are attached.",
            "Please send the invoice for order {order} with our company name and tax number.",
        ),
        replies=(
            "Good morning, I am sorry about the {thing}. I am asking the workshop today.",
            "Thank you for checking the socket first. A new {thing} leaves our house tomorrow.",
            "I called the depot about order {order}; they look for it by hand this afternoon.",
        ),
        thanks=("Thank you, it works again.", "That was quick, thank you!", "It came today. Thanks a lot."),
    ),
    "fa": Voice(
        names=("پریسا کریمی", "رضا صادقی", "نگار احمدی", "امیر حسینی", "مریم رستمی"),
        things=("آسیاب روندو", "دستگاه پیکولو", "پارچ شیر", "کتری", "ترازو"),
        subjects=(
            "{thing} بعد از دو ثانیه خاموش می‌شود",
            "سفارش {order} کجاست؟",
            "{thing} شکسته به دستم رسید",
            "فاکتور به نام اشتباه صادر شده است",
        ),
        messages=(
            "{thing} سفارش {order} دو ثانیه کار می‌کند و بعد خاموش می‌شود. چراغ قرمز چشمک می‌زند.",
            "نه روز پیش {thing} را سفارش دادم (سفارش {order}) و از آن روز خبری نیست.",
            "جعبهٔ {thing} باز بود و دسته‌اش ترک خورده است. عکس‌ها پیوست است.",
            "لطفاً فاکتور سفارش {order} را به نام شرکت ما بفرستید.",
        ),
        replies=(
            "سلام، بابت {thing} متأسفم. همین امروز از تعمیرگاه می‌پرسم.",
            "ممنون که اول پریز را امتحان کردید. فردا یک {thing} نو برایتان می‌فرستیم.",
            "دربارهٔ سفارش {order} با انبار تماس گرفتم؛ امروز بعدازظهر دنبالش می‌گردند.",
        ),
        thanks=("ممنون، دوباره کار می‌کند.", "خیلی سریع بود، سپاسگزارم.", "امروز رسید، دستتان درد نکند."),
    ),
    "he": Voice(
        names=("נועה לוי", "יואב כהן", "תמר מזרחי", "איתן פרץ", "מאיה ברק"),
        things=("מטחנת רונדו", "מכונת פיקולו", "קנקן החלב", "הקומקום", "המשקל"),
        subjects=(
            "{thing}: נעצרת אחרי שתי שניות",
            "איפה ההזמנה {order}?",
            "{thing}: הגיע שבור",
            "ההחזר עדיין לא הגיע אליי",
        ),
        messages=(
            "יש לי תקלה: {thing}, הזמנה {order}. זה עובד שתי שניות ואז נעצר, והנורה מהבהבת באדום.",
            "הזמנתי לפני תשעה ימים (הזמנה {order}): {thing}. מאז אין שום עדכון.",
            "הקופסה הגיעה פתוחה והידית סדוקה. מדובר בפריט: {thing}. צירפתי תמונות.",
            "אשמח לקבל חשבונית להזמנה {order} על שם החברה שלנו.",
        ),
        replies=(
            "בוקר טוב, אני מצטערת על התקלה. אני בודקת עם המעבדה עוד היום.",
            "תודה שבדקת קודם את השקע. מחר יוצא אליך מוצר חדש: {thing}.",
            "התקשרתי למחסן בקשר להזמנה {order}; הם מחפשים אותה ידנית היום אחר הצהריים.",
        ),
        thanks=("תודה, זה שוב עובד.", "היה מהיר, תודה רבה!", "הגיע היום. תודה."),
    ),
    "ro": Voice(
        names=("Ioana Munteanu", "Andreea Pop", "Mihai Ionescu", "Radu Stan", "Elena Dobre"),
        things=("râșnița Rondo", "espressorul Piccolo", "cana pentru lapte", "fierbătorul", "cântarul"),
        subjects=(
            "Problemă: {thing} se oprește după două secunde",
            "Unde este comanda {order}?",
            "Produs ajuns spart: {thing}",
            "Factura pentru comanda {order}",
        ),
        messages=(
            "Am o problemă cu {thing} din comanda {order}: merge două secunde și se oprește. Becul roșu clipește.",
            "Am comandat acum nouă zile {thing} (comanda {order}) și de atunci nu mai știu nimic.",
            "Cutia a ajuns deschisă și mânerul este crăpat. Este vorba despre {thing}. Atașez fotografii.",
            "Vă rog să trimiteți factura pentru comanda {order} pe numele firmei noastre.",
        ),
        replies=(
            "Bună ziua, îmi pare rău pentru neplăceri. Întreb astăzi la atelier despre {thing}.",
            "Vă mulțumesc că ați verificat întâi priza. Mâine vă trimitem produsul nou: {thing}.",
            "Am sunat la depozit pentru comanda {order}; o caută manual în această după-amiază.",
        ),
        thanks=("Mulțumesc, funcționează din nou.", "Ce repede! Mulțumesc.", "A ajuns astăzi. Vă mulțumesc."),
    ),
    "sw": Voice(
        names=("Zawadi Njoroge", "Amina Hassan", "Juma Bakari", "Neema Mushi", "Baraka Otieno"),
        things=("kinu cha Rondo", "mashine ya Piccolo", "jagi la maziwa", "birika", "mizani"),
        subjects=(
            "Tatizo la {thing}: kinazima baada ya sekunde mbili",
            "Oda {order} iko wapi?",
            "Mzigo umefika ukiwa umevunjika: {thing}",
            "Naomba ankara ya oda {order}",
        ),
        messages=(
            "Nina tatizo na {thing} kutoka oda {order}. Kinafanya kazi sekunde mbili kisha kinazima.",
            "Niliagiza {thing} siku tisa zilizopita (oda {order}) na hadi leo sijapata taarifa yoyote.",
            "Boksi lilifika likiwa wazi na mpini umepasuka. Ni {thing}. Nimeambatisha picha.",
            "Tafadhali nitumieni ankara ya oda {order} kwa jina la kampuni yetu.",
        ),
        replies=(
            "Habari, pole sana kwa usumbufu. Leo ninauliza karakana kuhusu {thing}.",
            "Asante kwa kukagua soketi kwanza. Kesho tunakutumia {thing} kipya.",
            "Nimepiga simu ghalani kuhusu oda {order}; wanaitafuta kwa mkono leo mchana.",
        ),
        thanks=("Asante, kinafanya kazi tena.", "Mmefanya haraka, asante sana!", "Umefika leo. Asanteni."),
    ),
}
