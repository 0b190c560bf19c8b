"""Why does the mail server not let the program in?"""

from __future__ import annotations

from emrnetcheck.mailing.rules import Rule
from emrnetcheck.model import FailureKind
from emrnetcheck.model.mail import Outcome

_PASSWORD = 'Put the password in with "{command} email password".'
_M365_ENDS = (
    "Microsoft ends passwords for sending at the end of December 2026: plan for another mail service, or for a token."
)

LOG_IN: tuple[Rule, ...] = (
    Rule(
        "auth.not_over_plain",
        "Without encryption no password is sent, so nobody was logged in.",
        'Set security = "starttls" or "tls" in [email], or leave the user name out.',
        "this program's own rule; RFC 4954, 4",
        stages=("auth",),
        failures=(FailureKind.NOT_CONFIGURED,),
        says=r"not encrypted",
    ),
    Rule(
        "auth.password_unreadable",
        "The password cannot be read, so nobody was logged in.",
        "The reason is named beside this. A job that nobody has logged in for has no keyring: keep the password in a "
        'file then, with password_source = "file:PATH".',
        "this program's own reading of secrets",
        stages=("auth",),
        failures=(FailureKind.NOT_CONFIGURED,),
        says=r"cannot be read",
    ),
    Rule(
        "auth.no_password",
        "There is no password to log in with.",
        _PASSWORD,
        "RFC 4954",
        stages=("auth",),
        failures=(FailureKind.NOT_CONFIGURED,),
    ),
    Rule(
        "auth.no_common_way",
        "{host} takes no log-in of the kind that [email] auth names.",
        'Set auth = "password", or "xoauth2" for a token, by what the server offers. An old one may offer neither.',
        "RFC 4954, 3",
        stages=("auth",),
        failures=(FailureKind.UNSUPPORTED,),
    ),
    Rule(
        "auth.microsoft_no_passwords",
        "Microsoft 365 takes no passwords any more for sending mail.",
        'Use a mail service that takes one, or a token: auth = "xoauth2". No setting on Microsoft\'s side brings '
        "passwords back once they are ended for all.",
        "github.com/OpenCTI-Platform/opencti/issues/12069, quoting Microsoft",
        stages=("auth", "from", "end"),
        says=r"5\.7\.30\b|basic authentication is not supported",
    ),
    Rule(
        "auth.microsoft_off",
        "Sending by programs is switched off in your organization's Microsoft 365, or for this mailbox.",
        "Your Microsoft 365 administrator can switch on Authenticated SMTP for this one mailbox (admin centre, Users, "
        f"Mail, Manage email apps). {_M365_ENDS}",
        "docs.bookyourpto.com/features/smtp-troubleshoot; learn.microsoft.com, Enable or disable SMTP AUTH",
        stages=("auth", "from"),
        says=r"smtpclientauth\w* is disabled|basic authentication is disabled",
    ),
    Rule(
        "auth.microsoft_wrong",
        "Microsoft 365 does not take this user name with this password.",
        "The user name is the whole address. Try both where you read this mailbox with a browser. " + _PASSWORD,
        "github.com/freescout-help-desk/freescout/issues/4930: 535 5.7.139",
        stages=("auth",),
        says=r"credentials were incorrect",
    ),
    Rule(
        "auth.microsoft_defaults",
        "Your organization's security rules at Microsoft 365 forbid this log-in.",
        "Your Microsoft 365 administrator decides: Security Defaults and Conditional Access shut out programs that "
        f"send a password. {_M365_ENDS}",
        "docs.bookyourpto.com/features/smtp-troubleshoot",
        stages=("auth",),
        says=r"security defaults|conditional access|5\.7\.139",
    ),
    Rule(
        "auth.too_many",
        "{host} has seen too many log-ins, and allows none for a while.",
        "Wait an hour before you try again. Was the password changed? Then put in the new one first.",
        "github.com/nodemailer/nodemailer/issues/1388: 454 4.7.0 of Gmail",
        stages=("connect", "auth"),
        says=r"too many (bad )?(log-?in|auth)|login attempts|AUTH005",
    ),
    Rule(
        "auth.app_password_wanted",
        "{provider} wants an app password: a password made for this program alone.",
        "{how} " + _PASSWORD,
        "github.com/kmhmubin/Face-Recognition-Attendance-System/issues/46: 534 5.7.9 of Gmail",
        stages=("auth",),
        says=r"application-specific password|app(-specific)? password|InvalidSecondFactor",
    ),
    Rule(
        "auth.browser_first",
        "{provider} wants somebody to log in with a browser first.",
        "Log in to the mailbox with a browser, answer what it asks, and use an app password. {how}",
        "github.com/YetiForceCompany/YetiForceCRM/issues/14235: 534 5.7.14 of Gmail",
        stages=("auth",),
        says=r"5\.7\.14\b|web ?browser",
    ),
    Rule(
        "auth.token_expired",
        "{host} does not take the token: as a rule it has expired.",
        "Such a token is good for about an hour. Whatever puts it where [email] password_source says has to renew it.",
        "RFC 6749, 5.1; developers.google.com/workspace/gmail/imap/xoauth2-protocol",
        stages=("auth",),
        outcomes=(Outcome.REFUSED,),
        says=r"\(token: ",
    ),
    Rule(
        "auth.encryption_wanted",
        "{host} wants an encrypted connection before a log-in.",
        'Set security = "starttls" or "tls" in [email].',
        "RFC 4954, 6: 538; RFC 3207, 4: 530",
        stages=("auth", "from"),
        says=r"starttls|encryption required",
    ),
    Rule(
        "auth.log_in_wanted",
        "{host} takes mail only from somebody who has logged in.",
        "Set username in [email], as a rule the whole address. " + _PASSWORD,
        "RFC 4954, 6: 530; 5.7.57 of Microsoft 365",
        stages=("auth", "from", "to"),
        codes=(530,),
    ),
    Rule(
        "auth.nobody_logged_in",
        "{host} takes mail from {sender} only from somebody who has logged in.",
        "Set username in [email], as a rule the whole address. " + _PASSWORD,
        "Postfix 3.7: 553 5.7.1 of reject_sender_login_mismatch",
        stages=("from", "to"),
        says=r"not logged in",
    ),
    Rule(
        "auth.not_now",
        "{host} cannot check passwords just now.",
        "{later}",
        "RFC 4954, 6: 454",
        stages=("auth",),
        outcomes=(Outcome.DEFERRED,),
    ),
    Rule(
        "auth.wrong_at_a_provider",
        "{provider} does not take this user name with this password.",
        "{how} " + _PASSWORD,
        "RFC 4954, 6: 535; the provider's help",
        stages=("auth",),
        outcomes=(Outcome.REFUSED,),
        providers=("google", "yahoo", "apple", "fastmail", "microsoft"),
    ),
    Rule(
        "auth.wrong",
        "{host} does not take this user name with this password.",
        "As a rule the user name is the whole address. Try both where you read this mailbox with a browser; some "
        "providers want an app password for programs. " + _PASSWORD,
        "RFC 4954, 6: 535",
        stages=("auth",),
    ),
)
