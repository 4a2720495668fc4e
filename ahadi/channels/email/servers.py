"""Opening a mail server of an inbox: connected, encrypted and signed in, or a Trouble that says why not."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from ahadi.channels.email import oauth
from ahadi.channels.email.trouble import Trouble, named
from ahadi.channels.models import MailServer
from ahadi.lib.hosts import is_here

# For each step of the way: name, connection, every answer.
TIMEOUT = 20


def open_imap(server: MailServer, timeout: float = TIMEOUT) -> BaseMailBox:
    """A mailbox to fetch from; no folder of it is open yet."""
    box = connect_imap(server, timeout)
    try:
        sign_in_imap(server, box)
    except BaseException:
        close(box)
        raise
    return box


def connect_imap(server: MailServer, timeout: float = TIMEOUT) -> BaseMailBox:
    """The first step: a connection that nobody can listen to."""
    _guard(server)
    with named():
        if server.security == server.Security.NONE:
            return MailBoxUnencrypted(server.host, server.port, timeout)
        context = ssl.create_default_context()
        if server.security == server.Security.TLS:
            return MailBox(server.host, server.port, timeout, ssl_context=context)
        return MailBoxStartTls(server.host, server.port, timeout, ssl_context=context)


def sign_in_imap(server: MailServer, box: BaseMailBox) -> None:
    """The second step: say who we are."""
    if not server.uses_password:
        token = oauth.access_token(server)
        with named("token_refused", hide=token):
            box.xoauth2(server.user, token, initial_folder=None)
        return
    with named():
        password = server.password
    with named("password", hide=password):
        if server.user.isascii() and password.isascii():
            box.login(server.user, password, initial_folder=None)
        else:
            box.login_utf8(server.user, password, initial_folder=None)


def close(box: BaseMailBox) -> None:
    """Leave; a server that is gone already is left too."""
    with suppress(Exception):
        box.client.sock.settimeout(2)
        box.logout()
    with suppress(Exception):
        box.client.shutdown()


def open_smtp(server: MailServer, timeout: float = TIMEOUT) -> smtplib.SMTP:
    """A server that mail can be handed to."""
    smtp = connect_smtp(server, timeout)
    try:
        sign_in_smtp(server, smtp)
    except BaseException:
        smtp.close()
        raise
    return smtp


def connect_smtp(server: MailServer, timeout: float = TIMEOUT) -> smtplib.SMTP:
    """The first step: a connection that nobody can listen to."""
    _guard(server)
    context = ssl.create_default_context()
    with named():
        if server.security == server.Security.TLS:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=context)
        smtp = smtplib.SMTP(server.host, server.port, timeout=timeout)
        try:
            smtp.ehlo()
            if server.security == server.Security.STARTTLS:
                smtp.starttls(context=context)
                smtp.ehlo()
        except BaseException:
            smtp.close()
            raise
        return smtp


def sign_in_smtp(server: MailServer, smtp: smtplib.SMTP) -> None:
    """The second step: say who we are, where there is something to say."""
    if not server.uses_password:
        words = oauth.xoauth2(server.user, token := oauth.access_token(server))
        with named("token_refused", hide=token):
            smtp.ehlo_or_helo_if_needed()
            smtp.auth("XOAUTH2", lambda challenge=None: words if challenge is None else "")
        return
    with named():
        password = server.password
    if server.user:
        with named("password", hide=password):
            smtp.login(server.user, password)


def _guard(server: MailServer) -> None:
    # A form refuses it already; this holds for rows that came another way.
    if server.security == server.Security.NONE and not is_here(server.host):
        raise Trouble("tls_not_offered")
