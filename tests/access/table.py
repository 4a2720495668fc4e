"""Who may pass which door: every route of the product has a line here, or the tests fail.

A new route needs one line: its name, the people it is for, and the methods it answers. The values of
the words in its address come from `WORDS`, or from the third place of its line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class For(Enum):
    """The people a door is for."""

    # Everybody, and nothing of anybody is to be seen.
    ALL = "all"
    # The guest who has proven this request; everybody else sees nothing of it.
    OWNER = "owner"
    AGENTS = "agents"
    # Agents who may see this ticket; for the others it does not exist.
    OF_TICKET = "of ticket"
    LEADS = "leads"
    # Members of management; for everybody else it does not exist.
    MANAGEMENT = "management"
    ADMINS = "admins"
    # Programs with a token, and what their agent may see.
    PROGRAMS = "programs"
    # Programs with a token, of one ticket that their agent must see.
    OF_TICKET_PROGRAMS = "of ticket, for programs"
    # Nobody without something of its own: a signature, a local machine, a bearer.
    KEY = "key"
    # allauth's pages about one's own account.
    ACCOUNT = "account"


GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")


@dataclass(frozen=True)
class Door:
    """One line of the table."""

    people: For
    methods: tuple[str, ...]
    words: dict[str, str] = field(default_factory=dict)


def _doors(
    people: For, methods: tuple[str, ...], names: str, space: str = "", **words: str
) -> dict[str, Door]:
    return {space + name: Door(people, methods, words) for name in names.split()}


# What stands in an address where its line says nothing else; `number` is the foreign ticket's.
WORDS = {
    "search": "open",
    "pk": "1",
    "seq": "1",
    "id": "1",
    "way": "imap",
    "year": "2026",
    "serial": "1",
    "kind": "answer",
    "code": "en",
    "provider": "mailgun",
    "token": "x",
    "name": "x",
    "level": "0",
    "old": "1",
    "new": "1",
    "path": "000",
    "rest": "nowhere",
    "key": "x-y",
    "uidb36": "1",
    "size": "192",
    "provider_id": "company",
}

DOORS = {
    # ── the desk: one ticket ─────────────────────────────────────────────────
    **_doors(For.OF_TICKET, GET, "ticket", "desk:"),
    **_doors(
        For.OF_TICKET,
        POST,
        "replies notes assignment tags solution promise priority subject call_codes releases admission"
        " separation leaving participants participant_removal withdrawal leaving_time draft_removal retry"
        " confirmation ways statement repeats sketch pictures",
        "desk:",
    ),
    **_doors(For.OF_TICKET, GET, "targets picture", "desk:"),
    **_doors(For.OF_TICKET, BOTH, "call formal_complaint", "desk:"),
    **_doors(For.OF_TICKET, POST, "call_start call_recording", "desk:"),
    **_doors(For.AGENTS, POST, "own_telephone", "desk:"),
    **_doors(For.ADMINS, BOTH, "telephony phone_line", "desk:"),
    **_doors(For.AGENTS, GET, "calls rings", "desk:"),
    **_doors(For.AGENTS, BOTH, "new_call", "desk:"),
    **_doors(For.AGENTS, POST, "ring_quiet ring_acceptance ring_refusal", "desk:"),
    **_doors(For.OF_TICKET, POST, "thanks chat_ending handing_back", "desk:"),
    **_doors(For.ADMINS, BOTH, "policies policy", "desk:"),
    **_doors(For.ADMINS, GET, "hours_year", "desk:", year="2026"),
    **_doors(For.LEADS, GET, "board staffing", "desk:"),
    **_doors(For.AGENTS, BOTH, "absences", "desk:"),
    **_doors(For.AGENTS, POST, "absence_removal", "desk:"),
    **_doors(For.ADMINS, POST, "policy_ending", "desk:"),
    **_doors(For.OF_TICKET, GET, "work", "desk:"),
    **_doors(
        For.OF_TICKET,
        POST,
        "merging unmerging forwards part_answers splits links link_removal snooze waking values tasks tick"
        " task_removal time following person person_removal",
        "desk:",
    ),
    **_doors(For.OF_TICKET, GET, "html", "channels:"),
    **_doors(For.OF_TICKET, POST, "pictures", "channels:"),
    **_doors(For.OF_TICKET, GET, "raw attachment", "channels:"),
    # ── the desk: lists and oneself ──────────────────────────────────────────
    **_doors(For.AGENTS, GET, "home settings search list", "desk:"),
    **_doors(For.AGENTS, BOTH, "batches", "desk:"),
    **_doors(For.ADMINS, BOTH, "fields field tags_of_all tag_of_all", "desk:"),
    **_doors(For.AGENTS, GET, "batch", "desk:"),
    **_doors(For.AGENTS, POST, "batch_start batch_undo", "desk:"),
    **_doors(For.AGENTS, BOTH, "profile searches saved_search keys", "desk:"),
    **_doors(For.AGENTS, POST, "presences search_place search_removal search_return", "desk:"),
    **_doors(For.AGENTS, GET, "palette", "desk:"),
    # ── the desk: settings ───────────────────────────────────────────────────
    **_doors(For.LEADS, GET, "quarantine quarantined", "desk:"),
    **_doors(For.LEADS, POST, "release", "desk:"),
    **_doors(
        For.ADMINS,
        BOTH,
        "company hours week holidays teams team agents agent inboxes inbox consent_answer webhooks consent"
        " server server_trial letterhead mail_check trust",
        "desk:",
    ),
    **_doors(For.ADMINS, GET, "letter_sample mail_checks automatic outbox", "desk:"),
    **_doors(
        For.ADMINS,
        POST,
        "agent_link agent_sessions server_pause server_removal doubt continuation lifting outbox_try",
        "desk:",
    ),
    # ── the desk: formal complaints ──────────────────────────────────────────
    **_doors(For.MANAGEMENT, GET, "complaints complaint complaint_copy complaint_chronology", "desk:"),
    **_doors(
        For.MANAGEMENT,
        POST,
        "complaint_handler complaint_exclusion complaint_letter complaint_decision",
        "desk:",
    ),
    **_doors(For.ADMINS, BOTH, "complaint_rules", "desk:"),
    **_doors(For.ADMINS, BOTH, "sites site", "desk:"),
    **_doors(For.ADMINS, POST, "site_keys", "desk:"),
    **_doors(For.ADMINS, POST, "site_key_removal", "desk:", key="1"),
    **_doors(For.OF_TICKET, GET, "ending", "desk:"),
    **_doors(For.OF_TICKET, POST, "ending_warning ending_conclusion ending_review", "desk:"),
    **_doors(For.LEADS, GET, "endings", "desk:"),
    # ── the desk: words at hand, notices, accounts ───────────────────────────
    **_doors(For.OF_TICKET, GET, "words", "desk:"),
    **_doors(For.OF_TICKET, POST, "words_uses macro_runs", "desk:"),
    **_doors(For.LEADS, BOTH, "saved_replies saved_reply macros macro", "desk:"),
    **_doors(For.LEADS, POST, "saved_reply_removal macro_removal", "desk:"),
    **_doors(For.AGENTS, GET, "notices news", "desk:"),
    **_doors(For.AGENTS, POST, "readings browsers browser_removal", "desk:"),
    **_doors(For.AGENTS, BOTH, "notifications", "desk:"),
    **_doors(For.ALL, GET, "manifest app_icon worker offline"),
    **_doors(For.ADMINS, BOTH, "sign_in_rules", "desk:"),
    **_doors(For.ACCOUNT, POST, "session_ending", "people:"),
    **_doors(For.ACCOUNT, BOTH, "socialaccount_connections"),
    **_doors(For.ALL, BOTH, "socialaccount_signup openid_connect_login openid_connect_callback"),
    **_doors(For.ALL, GET, "socialaccount_login_cancelled socialaccount_login_error"),
    # Addresses of earlier versions of allauth, which lead on.
    **_doors(For.ALL, GET, "accounts/social/login/cancelled/ accounts/social/login/error/"),
    **_doors(For.ALL, GET, "accounts/social/signup/ accounts/social/connections/"),
    **_doors(For.ADMINS, GET, "erasures proof_state", "desk:"),
    **_doors(For.ADMINS, BOTH, "person_known erasure_confirmation terms", "desk:"),
    **_doors(For.ADMINS, POST, "person_file person_hold person_release erasure_withdrawal", "desk:"),
    # ── customers ────────────────────────────────────────────────────────────
    **_doors(For.OWNER, GET, "follow asked receipt paper entry_receipt entry_paper file", "portal:"),
    **_doors(For.OWNER, POST, "messages understanding solution", "portal:"),
    **_doors(For.OWNER, BOTH, "correction preferences", "portal:"),
    **_doors(For.KEY, GET, "feed", "portal:"),
    **_doors(For.ALL, GET, "contact find security handout", "portal:"),
    **_doors(For.ALL, BOTH, "ask call complain proof verify link", "portal:"),
    # They lead to the request where it is no complaint.
    **_doors(For.ALL, GET, "complaint complaint_copy chronology", "portal:"),
    **_doors(For.ALL, POST, "codes key keys leaving call_withdrawal", "portal:"),
    # ── the chat: no cookie; a bearer's token names the visitor ──────────────
    **_doors(For.ALL, GET, "script frame", "widget:"),
    **_doors(For.KEY, GET, "events", "widget:"),
    **_doors(For.KEY, POST, "messages files typing seen person way end talks open_case", "widget:"),
    **_doors(For.ALL, ("POST", "PATCH", "DELETE"), "sessions", "widget:"),
    **_doors(For.KEY, ("GET", "DELETE"), "file", "widget:"),
    # ── everybody ────────────────────────────────────────────────────────────
    **_doors(For.ALL, GET, "ui health openapi api_docs checkpoint tile vkey ledger consistency policy"),
    **_doors(For.ALL, POST, "language"),
    # Logs of other companies; what they send is signed.
    **_doors(For.ALL, POST, "add_checkpoint"),
    **_doors(For.ALL, GET, "logo", "channels:"),
    **_doors(For.ALL, GET, "desk:photo people:photo"),
    **_doors(For.ALL, BOTH, "sign_in email", "people:"),
    # ── programs ─────────────────────────────────────────────────────────────
    **_doors(
        For.OF_TICKET_PROGRAMS,
        GET,
        "read_ticket list_entries list_targets read_receipt read_paper",
        "api-v1:",
    ),
    **_doors(For.OF_TICKET_PROGRAMS, POST, "reply note add_message", "api-v1:"),
    **_doors(For.OF_TICKET_PROGRAMS, ("PATCH",), "change_ticket", "api-v1:"),
    **_doors(
        For.PROGRAMS,
        GET,
        "list_tickets list_events list_customers list_agents list_teams list_inboxes list_saved_replies"
        " list_raw read_raw read_attachment",
        "api-v1:",
    ),
    **_doors(For.PROGRAMS, POST, "open_ticket", "api-v1:"),
    **_doors(For.PROGRAMS, GET, "api/v1/^(?P<rest>.*)$"),
    # ── with something of their own ──────────────────────────────────────────
    **_doors(For.KEY, GET, "metrics"),
    **_doors(For.KEY, POST, "webhook phone", "channels:"),
    **_doors(For.KEY, GET, "outgoing_mails outgoing_mail outgoing_html", "channels:"),
    # ── allauth ──────────────────────────────────────────────────────────────
    **_doors(For.ALL, BOTH, "login request_login_code signup reset_password confirm_login_code", "account_"),
    **_doors(For.ALL, BOTH, "confirm_email email reset_password_from_key", "account_"),
    **_doors(For.ALL, GET, "inactive email_verification_sent reset_password_done", "account_"),
    **_doors(For.ALL, GET, "account_reset_password_from_key_done"),
    **_doors(For.ALL, BOTH, "mfa_authenticate mfa_login_webauthn account_logout"),
    **_doors(For.ACCOUNT, BOTH, "reauthenticate change_password set_password", "account_"),
    **_doors(For.ACCOUNT, GET, "index list_webauthn view_recovery_codes", "mfa_"),
    **_doors(
        For.ACCOUNT,
        BOTH,
        "reauthenticate activate_totp deactivate_totp generate_recovery_codes download_recovery_codes"
        " add_webauthn reauthenticate_webauthn remove_webauthn edit_webauthn",
        "mfa_",
    ),
    **_doors(For.ACCOUNT, BOTH, "usersessions_list"),
}

# Looks that leave something behind, and why.
LEAVES = {
    # A receipt gives the newest entries their place in the log a second before the worker would.
    **{
        f"portal:{name}": {"ledger_tile", "ledger_line", "ledger_checkpoint", "ledger_key"}
        for name in ("receipt", "paper", "entry_receipt", "entry_paper")
    },
    "api-v1:read_receipt": {"ledger_tile", "ledger_line", "ledger_checkpoint", "ledger_key"},
    "api-v1:read_paper": {"ledger_tile", "ledger_line", "ledger_checkpoint", "ledger_key"},
    # Who opened a ticket is written down, once a day.
    "desk:ticket": {"tickets_reading"},
    # allauth notes the mail address of an account beside it.
    "account_reset_password_from_key": {"account_emailaddress"},
}
