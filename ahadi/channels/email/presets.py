"""Where the mail of well-known providers is fetched and sent, by the domain of the address."""

from __future__ import annotations

from typing import NamedTuple


class Preset(NamedTuple):
    """The two servers of a provider, both with TLS at the usual ports unless it says otherwise."""

    imap: str
    smtp: str
    sign_in: str = "password"
    smtp_port: int = 465
    smtp_security: str = "tls"
    # It wants a password made for one program only.
    wants_app_password: bool = False


GOOGLE = Preset("imap.gmail.com", "smtp.gmail.com", "google")
MICROSOFT = Preset("outlook.office365.com", "smtp.office365.com", "microsoft", 587, "starttls")
YAHOO = Preset("imap.mail.yahoo.com", "smtp.mail.yahoo.com", wants_app_password=True)
APPLE = Preset("imap.mail.me.com", "smtp.mail.me.com", "password", 587, "starttls", True)
GMX = Preset("imap.gmx.net", "mail.gmx.net")

BY_DOMAIN = {
    "gmail.com": GOOGLE,
    "googlemail.com": GOOGLE,
    "outlook.com": MICROSOFT,
    "hotmail.com": MICROSOFT,
    "live.com": MICROSOFT,
    "msn.com": MICROSOFT,
    "yahoo.com": YAHOO,
    "yahoo.de": YAHOO,
    "yahoo.co.uk": YAHOO,
    "ymail.com": YAHOO,
    "aol.com": Preset("imap.aol.com", "smtp.aol.com", wants_app_password=True),
    "icloud.com": APPLE,
    "me.com": APPLE,
    "mac.com": APPLE,
    "gmx.net": GMX,
    "gmx.de": GMX,
    "gmx.com": Preset("imap.gmx.com", "mail.gmx.com"),
    "web.de": Preset("imap.web.de", "smtp.web.de", smtp_port=587, smtp_security="starttls"),
    "t-online.de": Preset("secureimap.t-online.de", "securesmtp.t-online.de"),
    "fastmail.com": Preset("imap.fastmail.com", "smtp.fastmail.com", wants_app_password=True),
    "zoho.com": Preset("imap.zoho.com", "smtp.zoho.com"),
    "mailbox.org": Preset("imap.mailbox.org", "smtp.mailbox.org"),
    "posteo.de": Preset("posteo.de", "posteo.de"),
    "walla.co.il": Preset("imap.walla.co.il", "out.walla.co.il", smtp_port=587, smtp_security="starttls"),
    "yandex.com": Preset("imap.yandex.com", "smtp.yandex.com", wants_app_password=True),
    "mail.ru": Preset("imap.mail.ru", "smtp.mail.ru", wants_app_password=True),
}

# By the choice of an administrator whose domain lives at one of them.
BY_NAME = {"google": GOOGLE, "microsoft": MICROSOFT}


def likely(address: str, name: str = "") -> Preset:
    """The servers of an address; for an unknown domain the names that most providers use."""
    domain = address.rpartition("@")[2].lower()
    found = BY_NAME.get(name) or BY_DOMAIN.get(domain)
    return found or Preset(f"imap.{domain}", f"smtp.{domain}")
