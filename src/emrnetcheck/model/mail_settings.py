"""What do the settings say about mail?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.mail import MailServer


@dataclass(frozen=True, slots=True)
class MailSettings:
    """[email]. sender, to: bare addresses. password_source: "keyring", "env:NAME" or "file:PATH"; None: no log-in.

    unsubscribe: an https or mailto address where somebody asks to be left out; None: the mails name none.
    show_addresses: the mails name public addresses and what is open to the Internet. attach_report: the weekly mail has
    the newest report with it, redacted.
    """

    server: MailServer
    sender: str
    to: tuple[str, ...]
    password_source: str | None
    unsubscribe: str | None = None
    show_addresses: bool = False
    attach_report: bool = False

    @property
    def keyring_service(self) -> str:
        """Under which name the system's keyring has the password; the account there is the user name."""
        return f"emrnetcheck {self.server.host}"
