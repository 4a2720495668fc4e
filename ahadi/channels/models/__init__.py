"""Inboxes, raw messages as they came, and what became of everything sent."""

from ahadi.channels.models.chat import Line, Site, SiteKey, Talk, Upload, UsedToken, Visitor
from ahadi.channels.models.checkup import Checkup
from ahadi.channels.models.delivery import Delivery, OutgoingMail
from ahadi.channels.models.draft import Draft
from ahadi.channels.models.forward import Forward
from ahadi.channels.models.guest import GuestCode, GuestLink
from ahadi.channels.models.inbox import Inbox
from ahadi.channels.models.letterhead import Letterhead
from ahadi.channels.models.participant import Participant
from ahadi.channels.models.phone import Call, PhoneEvent, PhoneLine, Recording
from ahadi.channels.models.raw import RawMessage
from ahadi.channels.models.server import Folder, Grant, MailServer, OAuthClient, Webhook
from ahadi.channels.models.signing import SigningKey
from ahadi.channels.models.suppression import Absence, Pause, Suppression, Withheld
from ahadi.channels.models.trust import Trust

__all__ = [
    "Absence",
    "Call",
    "Checkup",
    "Delivery",
    "Draft",
    "Folder",
    "Forward",
    "Grant",
    "GuestCode",
    "GuestLink",
    "Inbox",
    "Letterhead",
    "Line",
    "MailServer",
    "OAuthClient",
    "OutgoingMail",
    "Participant",
    "Pause",
    "PhoneEvent",
    "PhoneLine",
    "RawMessage",
    "Recording",
    "SigningKey",
    "Site",
    "SiteKey",
    "Suppression",
    "Talk",
    "Trust",
    "Upload",
    "UsedToken",
    "Visitor",
    "Webhook",
    "Withheld",
]
