"""The table of contents of the product: what is installed, what reacts in which order, what extends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from csp.constants import NONCE

from ahadi.lib import environment
from ahadi.people.sign_in import *  # noqa: F403 - settings by their names

ENVIRONMENT = environment.read()

# ── what is installed ────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "ahadi.api",
    "ahadi.desk",
    "ahadi.portal",
    "ahadi.widget",
    "ahadi.ui",
    "ahadi.channels",
    "ahadi.complaints",
    "ahadi.automation",
    "ahadi.notices",
    "ahadi.reports",
    "ahadi.promises",
    "ahadi.routing",
    "ahadi.tickets",
    "ahadi.people",
    "ahadi.outbox",
    "ahadi.ledger",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

# ── extension points: one list each ──────────────────────────────────────────

# What happens when an entry is added to a ticket, in this order, in the same transaction.
REACTIONS = [
    "ahadi.complaints.handling.guard",
    "ahadi.automation.speaking.guard",
    "ahadi.channels.chat.lines.follow",
    "ahadi.promises.reactions.keep",
    "ahadi.promises.reactions.make",
    "ahadi.routing.reactions.route",
    "ahadi.routing.reactions.stand_in",
    "ahadi.channels.reactions.welcome",
    "ahadi.channels.reactions.acknowledge",
    "ahadi.channels.reactions.deliver",
    "ahadi.channels.chat.talks.adopt",
    "ahadi.channels.chat.greeting.greet",
    "ahadi.channels.chat.greeting.answered",
    "ahadi.automation.speaking.listen",
    "ahadi.channels.complaining.inform",
    "ahadi.channels.complaining.alert",
    "ahadi.channels.ending.answer",
    "ahadi.channels.ending.alert",
    "ahadi.channels.promising.inform",
    "ahadi.tickets.snoozing.stir",
]

# Ways in and out, by their code.
CHANNELS = {
    "email": "ahadi.channels.email.channel.EmailChannel",
    "form": "ahadi.channels.form.channel.FormChannel",
    "phone": "ahadi.channels.phone.channel.PhoneChannel",
    "chat": "ahadi.channels.chat.channel.ChatChannel",
}

# Work that happens after commit, at least once.
JOBS = {
    "channels.take_in": "ahadi.channels.jobs.take_in",
    "channels.leave": "ahadi.channels.leaving.leave",
    "channels.send": "ahadi.channels.jobs.send",
    "channels.check_up": "ahadi.channels.email.checkups.check_up",
    "channels.complaint": "ahadi.channels.complaining.acknowledge",
    "channels.post": "ahadi.channels.jobs.post",
    "phone.record": "ahadi.channels.phone.recordings.fetch_one",
    "notices.push": "ahadi.notices.push.deliver",
    "tickets.batch": "ahadi.tickets.batches.run",
    "tickets.sweep": "ahadi.tickets.sweeping.sweep",
    "tickets.rewrite": "ahadi.tickets.sweeping.rewrite_at_night",
    "channels.try_server": "ahadi.channels.email.trials.run",
}

# What does several of a kind together that are due in a row; each of them can be done again by itself.
JOBS_TOGETHER = {"channels.take_in": "ahadi.channels.jobs.take_in_together"}

# Streams of events that stay open, by their address: who may listen, and what they hear.
STREAMS = {
    "/desk/stream/": "ahadi.desk.live.Desk",
    "/widget/stream/": "ahadi.widget.live.Panel",
}

# What comes round while a worker lives, every so many seconds.
ROUNDS = {
    "ahadi.tickets.sequencing.sequence": 1.0,
    "ahadi.ledger.asking.ask": 30.0,
    "ahadi.channels.nightly.run": 60.0,
    "ahadi.notices.telling.tell": 1.0,
    "ahadi.notices.mails.gather": 60.0,
    "ahadi.tickets.snoozing.wake_due": 5.0,
    "ahadi.promises.rounds.attend": 5.0,
    "ahadi.complaints.rounds.attend": 30.0,
    "ahadi.promises.counting.follow": 2.0,
    "ahadi.routing.rounds.hand_over": 30.0,
    "ahadi.routing.ringing.attend": 1.0,
    "ahadi.channels.chat.following.attend": 15.0,
    "ahadi.channels.chat.following.tidy": 3600.0,
    "ahadi.channels.chat.queue.attend": 15.0,
    "ahadi.channels.phone.rounds.attend": 1.0,
    "ahadi.channels.phone.rounds.tidy": 3600.0,
    "ahadi.reports.usual.learn": 60.0,
    "ahadi.channels.asking_after.ask": 600.0,
}

# What can be asked for in a search, as operator:value.
OPERATORS = {
    "from": "ahadi.tickets.operators.asks",
    "to": "ahadi.channels.sought.sent_to",
    "is": "ahadi.tickets.operators.state",
    "has": "ahadi.tickets.operators.part",
    "in": "ahadi.tickets.operators.kind",
    "tag": "ahadi.tickets.operators.tag",
    "team": "ahadi.tickets.operators.team",
    "assignee": "ahadi.tickets.operators.assignee",
    "priority": "ahadi.tickets.operators.priority",
    "code": "ahadi.tickets.operators.code",
    "before": "ahadi.tickets.operators.before",
    "after": "ahadi.tickets.operators.after",
    "due": "ahadi.tickets.operators.due",
    "lang": "ahadi.tickets.operators.language",
    "channel": "ahadi.tickets.operators.channel",
    "field": "ahadi.tickets.operators.field",
}

# What becomes of the rows about somebody who is to be forgotten: "*" destroyed, the named columns emptied, or
# "" kept, because they name nobody. Every table that points to one of theirs stands here; a test sees to it.
ERASURE = {
    "tickets.Words": "text new_text html data",
    "tickets.Attachment": "*",
    "tickets.Statement": "*",
    "tickets.Task": "*",
    "tickets.FieldValue": "*",
    "tickets.BatchChange": "*",
    "tickets.Hold": "reason",
    "tickets.Ticket": "subject step_text",
    "tickets.Entry": "",
    "tickets.Ticket_also": "",
    "tickets.Ticket_barred": "",
    "tickets.Ticket_tags": "",
    "tickets.Erasure": "",
    "tickets.Follower": "",
    "tickets.Mention": "",
    "tickets.Link": "",
    "tickets.Effort": "",
    "tickets.Reading": "",
    "people.Customer": "name language time_zone preferred_channel avoided reach_hours organization",
    "people.Address": "value shown",
    "ledger.Opening": "*",
    "ledger.Leaf": "",
    "ledger.Line": "",
    "channels.RawMessage": "message_id sender recipients client_ip subject evidence authentication",
    "channels.Draft": "*",
    "channels.Delivery": "message_id last_error",
    "channels.Forward": "*",
    "channels.GuestLink": "*",
    "channels.GuestCode": "*",
    "channels.Participant": "*",
    "channels.Suppression": "said",
    "channels.Absence": "*",
    "channels.Withheld": "",
    "channels.Visitor": "external_id name email phone page fields",
    "channels.Talk": "our_seen_by",
    "channels.Line": "",
    "notices.Notice": "",
    "promises.Promise": "step_text reason",
    "routing.Ring": "",
    "channels.Call": "external",
    "channels.Recording": "attachment",
    "promises.Alarm": "",
    "promises.Target": "",
    "complaints.Complaint": "text_sha256 copy_sha256",
    "complaints.Ending": "account finding",
    "desk.Sketch": "*",
    "desk.Picture": "*",
    "portal.Sending": "",
}

# What else knows somebody: mails that wait, answers kept for programs, forms half filled in.
ERASERS = [
    "ahadi.channels.erasing.parts",
    "ahadi.channels.phone.erasing.parts",
    "ahadi.api.erasing.parts",
    "ahadi.portal.erasing.parts",
]

# What forbids it beside a hold: each says so for one matter.
ERASURE_OBJECTIONS = [
    "ahadi.complaints.erasing.is_undecided",
]

# Columns that name stored files.
FILES = [
    "tickets.Attachment.sha256",
    "channels.RawMessage.sha256",
    "channels.Draft.files",
    "channels.Upload.sha256",
    "desk.Picture.sha256",
    "complaints.Complaint.copy_sha256",
]

# What has a term: each class counts what is older, and destroys it.
RETENTION = {
    "solved": "ahadi.tickets.retention.Solved",
    "raw": "ahadi.channels.retention.Raw",
    "quarantine": "ahadi.channels.retention.Quarantined",
    "outgoing": "ahadi.channels.retention.Outgoing",
    "recordings": "ahadi.channels.phone.recordings.Recordings",
}

# What `ahadi audit` recomputes, each yielding what does not hold.
AUDITS = [
    "ahadi.tickets.audit.audit",
    "ahadi.tickets.persons.audit",
    "ahadi.promises.audit.audit",
    "ahadi.complaints.audit.audit",
    "ahadi.ledger.audit.audit",
]

LANGUAGES = [
    ("en", "English"),
    ("fa", "فارسی"),
    ("he", "עברית"),
    ("ro", "Română"),
    ("sw", "Kiswahili"),
]

# ── the house ────────────────────────────────────────────────────────────────

AHADI_DATA = ENVIRONMENT.data
AHADI_FILES = ENVIRONMENT.files
AHADI_URL = ENVIRONMENT.url
AHADI_SMTP_IN = ENVIRONMENT.smtp_in
AHADI_SMTP_OUT = ENVIRONMENT.smtp_out
AHADI_REDIS = ENVIRONMENT.redis
AHADI_MAIL_LARGEST = ENVIRONMENT.mail_largest
AHADI_FILE_LINK_DAYS = ENVIRONMENT.file_link_days

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.origin]
ROOT_URLCONF = "ahadi.urls"
WSGI_APPLICATION = None
DATABASES: dict[str, Any] = {"default": ENVIRONMENT.database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_LANGUAGE, DEFAULT_TIME_ZONE = ENVIRONMENT.language, ENVIRONMENT.time_zone
LANGUAGE_CODE = DEFAULT_LANGUAGE
LOCALE_PATHS = [environment.ROOT / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = ENVIRONMENT.is_secure
LANGUAGE_COOKIE_HTTPONLY = True

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "ahadi.ui.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "ahadi.people.sessions.AgentMiddleware",
    "ahadi.ui.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "ahadi.people.middleware.EntranceMiddleware",
    "ahadi.people.middleware.WrongInputMiddleware",
]

_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "ahadi.ui.jinja.environment",
            "context_processors": _PROCESSORS,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [*_PROCESSORS, "csp.context_processors.nonce"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.Jinja2"

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.data / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "ahadi.ui.assets.MadeFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "ahadi.ui.assets.Storage"},
}
MEDIA_ROOT = ENVIRONMENT.data / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# ── who signs in ─────────────────────────────────────────────────────────────

MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.is_secure
EMAIL_BACKEND = "ahadi.channels.email.backend.OutboxBackend"

# ── safety ───────────────────────────────────────────────────────────────────

# Agents: eight hours idle. Guests get their own shorter limit in the portal.
SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())
SESSION_SAVE_EVERY_REQUEST = False
SESSION_ENGINE = "ahadi.people.sessions"
SESSION_COOKIE_NAME = "__Host-session" if ENVIRONMENT.is_secure else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.is_secure
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "__Host-csrf" if ENVIRONMENT.is_secure else "csrf"
CSRF_FAILURE_VIEW = "ahadi.ui.views.csrf_failure"
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if ENVIRONMENT.is_secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENVIRONMENT.is_secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.is_secure else None
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The proxy that speaks https sends the others there, so W008 asks for nothing; without https the warnings
# about secure cookies and HSTS do not apply, with it every one of them holds.
SILENCED_SYSTEM_CHECKS = ["security.W008"] + (
    [] if ENVIRONMENT.is_secure else ["security.W004", "security.W012", "security.W016"]
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [NONCE, "'strict-dynamic'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "media-src": ["'self'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "frame-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

CACHES: dict[str, Any] = {"default": ENVIRONMENT.cache}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # While Redis is away huey says so twenty times a second; the outbox says it every other second.
    "loggers": {
        "ahadi": {"level": "INFO"},
        "mail.log": {"level": "ERROR"},
        "huey.consumer": {"level": "CRITICAL"},
    },
}
