"""What an examination of an inbox found, each with a sentence and the next step for an administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from ahadi.calendars import dates
from ahadi.channels.email import failures, trouble

Text = trouble.Text


class Verdict(NamedTuple):
    """What was found, and what to do about it; empty where nothing is to be done."""

    what: Text
    next: Text = ""


ABOUT: dict[str, Text] = {
    "mx": _("Way in (MX)"),
    "tls": _("Mail server and encryption"),
    "spf": _("Permitted senders (SPF)"),
    "dkim": _("Signature (DKIM)"),
    "dmarc": _("Policy (DMARC)"),
    "reverse": _("Name of the sending machine"),
    "loop": _("A mail to oneself"),
    "clock": _("Clock"),
}

_PUBLISH = _("Add this record where your domain is administered, wait an hour and check again.")

TABLE: dict[str, Verdict] = {
    "dns_silent": Verdict(
        _("The DNS did not answer in time, so nothing is known about this."),
        _("Check again in a minute. If it stays so, look at the name servers of this machine."),
    ),
    "no_server": Verdict(
        _("There is no mail server for this inbox, so nothing is sent."),
        _("Set AHADI_SMTP_OUT, or give the inbox a server of its own on its page."),
    ),
    "mx_ok": Verdict(_("Mail to this domain goes to %(hosts)s.")),
    "mx_none": Verdict(
        _("The domain %(domain)s names no server that takes its mail."),
        _("Add an MX record with the name of your mail server where your domain is administered."),
    ),
    "tls_ok": Verdict(_("The server %(host)s can be reached, encrypted with %(version)s.")),
    "tls_here": Verdict(_("The mail server is on this machine and can be reached.")),
    "server": Verdict("%(what)s", "%(next)s"),
    "spf_ok": Verdict(_("The domain permits the server that sends.")),
    "spf_none": Verdict(_("The domain %(domain)s does not say which servers send its mail."), _PUBLISH),
    "spf_many": Verdict(
        _("The domain %(domain)s says it more than once, and then it counts for nothing."),
        _("Put all of them into one record, such as this."),
    ),
    "spf_wrong": Verdict(
        _("The record has a mistake in it, so that it counts for nothing."),
        _("Correct it where your domain is administered; the provider of your mail knows the right one."),
    ),
    "spf_other": Verdict(
        _("The record does not name the server %(host)s."),
        _("If mail leaves from there, add it to the record. If your provider sends otherwise, all is well."),
    ),
    "spf_unknown": Verdict(_("There is a record; from which address mail leaves is not known.")),
    "dkim_ok": Verdict(_("The key can be read in the DNS, and every mail of this domain is signed.")),
    "dkim_none": Verdict(
        _("The key cannot be read in the DNS yet, so mails are not signed here."),
        _("Add this record as TXT. If your provider signs already, you may leave it out."),
    ),
    "dmarc_ok": Verdict(_("The domain asks others to refuse mails that only pretend to be from it.")),
    "dmarc_watch": Verdict(
        _("The domain has a policy that only watches."),
        _("When SPF and DKIM are right, change p=none to p=quarantine, later to p=reject."),
    ),
    "dmarc_none": Verdict(_("The domain has no policy; large providers want one."), _PUBLISH),
    "reverse_ok": Verdict(_("The machine that sends has a name that leads back to it.")),
    "reverse_none": Verdict(
        _("The address %(address)s has no name that leads back to it; many servers refuse mail from there."),
        _("Ask whoever gave you the address to set its reverse DNS (PTR) to the name of the mail server."),
    ),
    "reverse_unknown": Verdict(
        _("The DNS knows no address of %(host)s."), _("Check the name of the mail server and AHADI_URL.")
    ),
    "loop_sent": Verdict(_("A mail was sent to this inbox.")),
    "loop_waits": Verdict(
        _("A mail was sent to this inbox and has not come back yet."),
        _("Look at this page again in a minute."),
    ),
    "loop_ok": Verdict(_("A mail to this inbox came back after %(seconds)s seconds.")),
    "loop_lost": Verdict(
        _("A mail to this inbox was taken by the mail server and did not come back."),
        _("Check how mail gets here: the MX record, the forwarding to this machine, or the fetching."),
    ),
    "loop_refused": Verdict("%(what)s", "%(next)s"),
    "clock_ok": Verdict(_("The clock of this machine agrees with those of other mail servers.")),
    "clock_off": Verdict(
        _("The clock of this machine differs by %(minutes)s minutes from those of other mail servers."),
        _("Let the machine set its clock over the network (NTP)."),
    ),
    "clock_unknown": Verdict(_("No other server wrote a time into the mail to compare with.")),
}


def read(code: str, data: Mapping[str, Any]) -> Verdict:
    """The sentence and the next step for a finding, with its names in their places."""
    found = TABLE[code]
    language = translation.get_language() or "en"
    given = {
        name: dates.digits(value, language) if isinstance(value, int) else value
        for name, value in data.items()
    }
    if "error" in given:
        given |= _why(str(given["error"]))
    return Verdict(str(found.what) % given, str(found.next) % given if found.next else "")


def _why(error: str) -> dict[str, Text]:
    code = error.partition(": ")[0]
    known = trouble.TABLE.get(code)
    if known is not None:
        return {"what": known.what, "next": known.next}
    failure = failures.read(error)
    return {"what": failure.what, "next": _("The server said: %(words)s") % {"words": error}}
