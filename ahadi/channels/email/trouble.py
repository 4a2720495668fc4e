"""What can be wrong with a mail server, each with a sentence and the next step for an administrator."""

from __future__ import annotations

import errno
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from imaplib import IMAP4
from typing import NamedTuple

import requests
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from imap_tools.errors import ImapToolsError

from ahadi.lib import vault

Text = str | Promise


class Explained(NamedTuple):
    """What is wrong, and what to do about it."""

    what: Text
    next: Text


TABLE: dict[str, Explained] = {
    "name": Explained(
        _("There is no server of this name."), _("Look for a typing error in the name of the server.")
    ),
    "closed": Explained(
        _("The server is there, but nothing answers at this port."),
        _("Check the port: 993 is usual for TLS, 143 for STARTTLS; 465 and 587 for sending."),
    ),
    "unreachable": Explained(
        _("No way leads to the server from this machine."),
        _("Check the network of this machine and what its firewall lets out."),
    ),
    "timeout": Explained(
        _("The server did not answer in time."),
        _("Check port and encryption: a server that waits for TLS says nothing. Or a firewall is between."),
    ),
    "certificate_expired": Explained(
        _("The certificate of the server has expired."),
        _("Whoever runs the server must renew it; until then nothing is sent to it, not even the password."),
    ),
    "certificate_name": Explained(
        _("The certificate of the server was made for another name."),
        _("Write the name that the provider gives for the server, not an alias of your own."),
    ),
    "certificate": Explained(
        _("The certificate of the server is signed by nobody this machine trusts."),
        _("Use a certificate of a known authority, or add your own authority to those of this machine."),
    ),
    "tls_not_spoken": Explained(
        _("The server does not speak TLS at this port."),
        _("Choose STARTTLS, or the port for TLS, usually 993 or 465."),
    ),
    "tls_not_offered": Explained(
        _("The server offers no encryption at this port, and passwords never leave in clear text."),
        _("Choose “TLS from the first byte” with port 993 or 465, or ask the provider for such a port."),
    ),
    "not_mail": Explained(
        _("What answers there is not a mail server of this kind."),
        _("Check server and port: IMAP fetches, SMTP sends."),
    ),
    "broken": Explained(
        _("The server broke off the connection."),
        _("It is tried again by itself. If it stays so, ask the provider what its log says."),
    ),
    "busy": Explained(
        _("The server asks to come again later."),
        _("It is tried again by itself. If it stays so, too many programs use this mailbox at once."),
    ),
    "password": Explained(
        _("The server does not accept this user name and password."),
        _("Enter both again; the user name is often the whole mail address."),
    ),
    "app_password": Explained(
        _("The server wants a password made for one program only."),
        _("Make an app password in the settings of the account and enter it here."),
    ),
    "basic_auth": Explained(
        _("The server no longer lets programs sign in with a password."),
        _("Choose to sign in with a Google or Microsoft account instead."),
    ),
    "sign_in_not_offered": Explained(
        _("The server does not offer this way to sign in."),
        _("Choose another way to sign in, or another port."),
    ),
    "no_token": Explained(
        _("Nobody has allowed access to this mailbox yet."),
        _("Sign in at Google or Microsoft with the button on the page of the inbox."),
    ),
    "token_expired": Explained(
        _("The permission that Google or Microsoft gave has expired or was taken back."),
        _("Sign in there again with the button on the page of the inbox."),
    ),
    "token_refused": Explained(
        _("The mail server refuses the permission for this mailbox."),
        _("Sign in with the account of this mailbox, and let IMAP and SMTP be switched on for it."),
    ),
    "oauth_client": Explained(
        _("Google or Microsoft does not know the client ID, or its secret is wrong or has expired."),
        _("Copy both again from the page where this installation is registered."),
    ),
    "provider": Explained(
        _("The sign-in of Google or Microsoft cannot be reached or does not answer as it should."),
        _("It is tried again by itself. If it stays so, check what the firewall lets out to port 443."),
    ),
    "sealed": Explained(
        _("The stored password cannot be read: the secret key of this installation has changed."),
        _("Enter the password again, or bring AHADI_SECRET_KEY back."),
    ),
    "folder": Explained(
        _("The mailbox has no such folder."),
        _("Check how it is written: INBOX is always there; some servers write INBOX.Sales or INBOX/Sales."),
    ),
    "full": Explained(
        _("The mailbox is full: the server refuses new mail to it."),
        _("Make room in the mailbox or let the provider enlarge it; senders get an error until then."),
    ),
    "handed_over": Explained(
        _("The server does not hand over some mails, although it lists them."),
        _("They are asked for again each time. If a mail program cannot open them either, ask the provider."),
    ),
    "disk": Explained(
        _("This machine could not store what was fetched."),
        _("Look at the free space of the data folder; nothing is lost, it is fetched again."),
    ),
    "unknown": Explained(
        _("The server refused."), _("What it said stands below; its provider can explain it.")
    ),
}


# A host that no name can be made of is a ValueError, and so is STARTTLS at the port for TLS.
EXPECTED = (
    OSError,
    EOFError,
    ValueError,
    IMAP4.error,
    ImapToolsError,
    smtplib.SMTPException,
    vault.Unsealable,
)


class Trouble(Exception):
    """Something is wrong with a mail server: a code of the table, and what the server said."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code)
        self.code, self.said = code, said


def explain(code: str) -> Explained:
    """The sentence and the next step for a code."""
    return TABLE.get(code) or TABLE["unknown"]


@contextmanager
def named(refusal: str = "unknown", hide: str = "") -> Iterator[None]:
    """Everything that goes wrong inside becomes a Trouble; `refusal` is what a plain "no" means here."""
    try:
        yield
    except Trouble:
        raise
    except EXPECTED as error:
        said = _words(error)
        raise Trouble(_code(error, said, refusal), said.replace(hide, "•••") if hide else said) from None


def _code(error: BaseException, said: str, refusal: str) -> str:
    if isinstance(error, vault.Unsealable):
        return "sealed"
    if isinstance(error, requests.RequestException):
        return "provider"
    if isinstance(error, smtplib.SMTPException):
        return _of_smtp(error, said, refusal)
    if isinstance(error, IMAP4.error | ImapToolsError):
        return _of_imap(error, said, refusal)
    return _of_network(error)


def _of_network(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        # The numbers are OpenSSL's X509_V_ERR_*.
        known = {10: "certificate_expired", 62: "certificate_name", 64: "certificate_name"}
        return known.get(error.verify_code, "certificate")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "broken"
    if isinstance(error, ssl.SSLError):
        return "tls_not_spoken"
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, socket.gaierror | UnicodeError):
        return "name"
    if isinstance(error, ValueError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "closed"
    number = getattr(error, "errno", None)
    if number in (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EACCES, errno.EPERM):
        return "unreachable"
    return "disk" if number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) else "broken"


# What servers write, in the order in which it is looked for (response codes: RFC 5530, RFC 9208).
_SAID = [
    (r"application.specific|app(lication)? password", "app_password"),
    (r"basic auth|5\.7\.30|5\.7\.139", "basic_auth"),
    (r"\[OVERQUOTA\]|quota exceeded|over quota|mailbox (is )?full|[45]\.2\.2", "full"),
    (r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again later|rate limit|4\.7\.0", "busy"),
    (r"\[PRIVACYREQUIRED\]|LOGINDISABLED|must issue a starttls", "tls_not_offered"),
    (r"\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED)\]", "password"),
    (r"\[(NONEXISTENT|TRYCREATE)\]", "folder"),
    (r"TLS not supported", "tls_not_offered"),
    (r"unexpected response", "not_mail"),
    (r"unknown auth|unsupported auth|mechanism|no matching authenticat", "sign_in_not_offered"),
    (r"socket error|EOF|\bBYE\b", "broken"),
]


def _of_words(said: str) -> str:
    return next((code for pattern, code in _SAID if re.search(pattern, said, re.IGNORECASE)), "")


def _of_imap(error: BaseException, said: str, refusal: str) -> str:
    code = _of_words(said)
    if code == "password" and refusal == "token_refused":
        return refusal
    return code or ("broken" if isinstance(error, IMAP4.abort) else refusal)


def _of_smtp(error: smtplib.SMTPException, said: str, refusal: str) -> str:
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return "timeout" if "timed out" in said else "broken"
    if isinstance(error, smtplib.SMTPConnectError):
        # What is no number is no answer of a mail server.
        return "busy" if error.smtp_code >= 400 else "not_mail"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "tls_not_offered" if "STARTTLS" in said else "sign_in_not_offered"
    if code := _of_words(said):
        return code
    return refusal if isinstance(error, smtplib.SMTPAuthenticationError) else "unknown"


def _words(error: BaseException) -> str:
    """What the other side said, in one line without control characters; nothing where only we speak."""
    if not isinstance(error, smtplib.SMTPException | IMAP4.error | ImapToolsError):
        return ""
    result = getattr(error, "command_result", None)
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        text = f"{error.smtp_code} {said.decode('utf-8', 'replace')}"
    elif result is not None:
        text = " ".join(
            part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
            for part in result[1] or []
            if part
        )
    else:
        text = str(error)
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()[:300]
