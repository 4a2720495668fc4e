"""Every screen of the product: its name, its address and who looks at it."""

from __future__ import annotations

from typing import NamedTuple


class Screen(NamedTuple):
    """One page as somebody sees it: a guest, the owner of a request, or an agent."""

    name: str
    path: str
    eye: str


def _all(eye: str, folder: str, lines: str) -> list[Screen]:
    found = []
    for line in lines.split("\n"):
        if line.strip():
            name, path = line.split()
            found.append(Screen(name, folder + path, eye))
    return found


SCREENS = [
    *_all(
        "guest",
        "",
        """
        contact /
        ask /ask/
        ask-phone /ask/?way=phone
        find /r/
        find-wrong /r/?code=short
        request-closed /r/{foreign}/
        request-link-wrong /r/{mailed}/none/
        complain /complain/
        complaint-none /r/{foreign}/complaint/
        verify /verify/
        sign-in /accounts/login/
        sign-in-code /accounts/login/code/
        password-reset /accounts/password/reset/
        password-reset-done /accounts/password/reset/done/
        link-over /accounts/link/none/
        not-found /nothing-here/
        offline /offline/
        call-back /call/
        api-docs /api/docs/
        """,
    ),
    *_all(
        "owner",
        "",
        """
        request /r/{mailed}/
        request-asked /r/{mailed}/asked/
        preferences /r/{mailed}/preferences/
        correction /r/{mailed}/correction/
        """,
    ),
    *_all(
        "agent",
        "/desk",
        """
        list /open/
        list-empty /mentions/
        list-broken /broken/
        list-waiting /waiting/
        list-solved /solved/
        list-saved /s{saved}/
        found /search/?q=grinder
        found-nothing /search/?q=nothing-like-this
        found-wrong /search/?q=is:odd
        ticket /open/{mailed}/
        ticket-leaving /open/{foreign}/
        ticket-phone /open/{phoned}/
        ticket-solved /solved/{solved}/
        ticket-waiting /waiting/{waiting}/
        ticket-merged /open/{merged}/
        ticket-targets /open/{mailed}/targets/
        ticket-call /open/{phoned}/call/
        calls /calls/
        call-new /calls/new/
        notices /notices/
        batch /batches/{batch}/
        endings /endings/
        complaints /complaints/
        complaint /complaints/{year}/{serial}/
        """,
    ),
    *_all(
        "agent",
        "/desk/settings",
        """
        settings /
        company /company/
        hours /hours/
        hours-week /hours/1/
        hours-holidays /hours/1/holidays/?country=DE&year=2026
        hours-year /hours/1/year/{calendar}/
        teams /teams/
        team /teams/1/
        agents /agents/
        agent /agents/{agent}/
        sign-in-rules /sign-in/
        inboxes /inboxes/
        inbox /inboxes/1/
        server-in /inboxes/1/in/
        webhooks /inboxes/webhooks/
        trust /trust/
        letterhead /letterhead/
        mail-checks /mail-checks/
        mail-check /mail-checks/{checkup}/
        quarantine /quarantine/
        quarantined /quarantine/{raw}/
        automatic /automatic/
        outbox /outbox/
        sites /sites/
        telephony /telephone/
        board /board/
        staffing /staffing/
        absences /absences/
        policies /policies/
        policy-of-targets /policies/{policy}/
        complaint-rules /complaint-rules/
        forgetting /forgetting/
        forgetting-found /forgetting/?q=Otto
        forgetting-person /forgetting/people/{person}/
        forgetting-confirm /forgetting/{erasure}/confirmation/
        terms /terms/
        proof /proof/
        fields /fields/
        field /fields/{field}/
        tags /tags/
        tag /tags/{tag}/
        saved-replies /saved-replies/
        saved-reply /saved-replies/{reply}/
        macros /macros/
        macro /macros/{macro}/
        searches /searches/
        search /searches/{saved}/
        notifications /notifications/
        keys /keys/
        profile /profile/
        """,
    ),
    *_all(
        "agent",
        "",
        """
        second-factor /accounts/2fa/
        second-factor-app /accounts/2fa/totp/deactivate/
        recovery-codes /accounts/2fa/recovery-codes/
        passkeys /accounts/2fa/webauthn/
        passkey-new /accounts/2fa/webauthn/add/
        sessions /accounts/sessions/
        password /accounts/password/change/
        once-more /accounts/reauthenticate/
        sign-out /accounts/logout/
        mails /dev/outbox/
        """,
    ),
]

# Doors that answer to a look and are no screen of their own, and why.
ELSEWHERE = {
    "a file, a picture or text for programs": """
        widget:script widget:file app_icon manifest worker channels:logo channels:raw channels:attachment
        channels:html desk:photo desk:picture people:photo desk:letter_sample desk:complaint_copy
        portal:complaint_copy portal:handout portal:paper
        portal:entry_paper portal:file ledger policy portal:security portal:feed
        portal:receipt mfa_download_recovery_codes desk:news desk:palette
        channels:outgoing_mail channels:outgoing_html checkpoint tile vkey consistency health metrics openapi
        """,
    "it leads on to another page at once": """
        desk:home account_email account_confirm_email account_signup account_inactive people:email
        account_email_verification_sent account_confirm_login_code account_set_password
        account_reset_password_from_key account_reset_password_from_key_done openid_connect_login
        accounts/social/connections/ accounts/social/login/cancelled/ accounts/social/login/error/
        accounts/social/signup/ socialaccount_signup desk:batches desk:consent
        """,
    "it is a step of signing in that nobody reaches without the one before": """
        mfa_authenticate mfa_login_webauthn mfa_reauthenticate mfa_reauthenticate_webauthn mfa_activate_totp
        mfa_generate_recovery_codes mfa_remove_webauthn mfa_edit_webauthn openid_connect_callback
        socialaccount_login_cancelled socialaccount_login_error socialaccount_connections
        """,
    "it shows every part many times, so that hardly anything is there once": "ui",
    "a piece of a page": "desk:work desk:words desk:rings widget:frame widget:events",
    "it looks like a page that is here": """
        desk:consent_answer desk:server_trial desk:complaint_chronology portal:chronology portal:proof
        portal:entry_receipt desk:ending desk:site
        desk:phone_line desk:formal_complaint
        """,
}
