"""What does `email` do with a real mail server, from the clinic, over its line?"""

from __future__ import annotations

import json
from typing import Any

from tests.lab.internet import InternetPlan, Service
from tests.lab.internet.mail import MAILBOXES, NAME, PASSWORD, USER, MailPort, MailService
from tests.lab.namespaces import Host, LabError
from tests.lab.plan import Plan
from tests.lab.running import environment
from tests.lab.topology import Lab


def mailed() -> dict[str, Any]:
    """By what was tried: the exit status, what was said, and what arrived in the mailboxes."""
    with Lab(Plan(internet=InternetPlan(mail=Service.OK))) as lab:
        service = lab.internet.mail
        assert service is not None
        clinic = _Clinic(lab.hosts["emr"], environment(lab), service)
        tried = {port.name.lower(): clinic.test(port) for port in MailPort}
        tried["wrong_password"] = clinic.test(MailPort.STARTTLS, password="not this one")
        tried["no_password"] = clinic.test(MailPort.STARTTLS, log_in=False)
        tried["another_sender"] = clinic.test(MailPort.STARTTLS, sender="boss@clinic.example")
        tried["nobody"] = clinic.test(MailPort.STARTTLS, to="nobody@clinic.example")
        tried["elsewhere"] = clinic.test(MailPort.STARTTLS, to="somebody@elsewhere.example", log_in=False)
        tried["own_authorities"] = clinic.test(MailPort.STARTTLS, trust=False)
        tried["deferred"] = clinic.run(MailPort.GREYLISTING, "send", "--weekly", to=MAILBOXES[1])
        waiting = clinic.run(MailPort.GREYLISTING, "outbox")
        tried["later"] = clinic.run(MailPort.GREYLISTING, "send", to=MAILBOXES[1])
        return {
            "tried": tried,
            "waiting": waiting["said"],
            "arrived": [_text(mail) for mail in clinic.arrived(MAILBOXES[0], 3)],
            "arrived_later": [_text(mail) for mail in clinic.arrived(MAILBOXES[1], 1)],
            "log": (lab.hosts["internet"].folder / "postfix.log").read_text(errors="replace"),
        }


class _Clinic:
    """The EMR's host, with settings for one port of the mail server at a time."""

    def __init__(self, host: Host, env: dict[str, str], service: MailService) -> None:
        self._host, self._service = host, service
        self._env = {**env, "EMRNETCHECK_DATA": str(host.folder / "data"), "COLUMNS": "80"}

    def test(self, port: MailPort, **how: Any) -> dict[str, Any]:
        return self.run(port, "test", **how)

    def run(
        self,
        port: MailPort,
        *words: str,
        password: str = PASSWORD,
        sender: str = USER,
        to: str = MAILBOXES[0],
        log_in: bool = True,
        trust: bool = True,
    ) -> dict[str, Any]:
        secret, file = self._host.folder / "password", self._host.folder / "mail.toml"
        secret.write_text(password)
        secret.chmod(0o600)
        security = "tls" if port is MailPort.TLS else "starttls"
        lines = ['[site]\nname = "Elm Street Clinic"\n[email]', f'host = "{NAME}"', f"port = {port.value}"]
        lines += [f'security = "{security}"', f'sender = "{sender}"', f'to = ["{to}"]']
        lines += [f'username = "{USER}"', f'password_source = "file:{secret}"'] if log_in else []
        file.write_text("\n".join(lines))
        env = self._env if trust else {key: value for key, value in self._env.items() if key != "SSL_CERT_FILE"}
        argv = ["emrnetcheck", "email", *words, "--config", str(file)]
        done = self._host.run_copy(argv, env=env, timeout_s=120.0, cwd=self._host.folder)
        return {"status": done.returncode, "said": done.stdout + done.stderr}

    def arrived(self, mailbox: str, count: int) -> list[bytes]:
        """Waits a while for what Postfix has taken: who counts them says what is missing."""
        try:
            self._host.wait_for(
                lambda: len(self._service.arrived(mailbox)) >= count and not self._service.queued(),
                timeout_s=20.0,
                what=f"{count} mails for {mailbox}",
            )
        except LabError:
            pass
        return self._service.arrived(mailbox)


def _text(mail: bytes) -> str:
    return mail.decode("utf-8", "replace")[:4000]


if __name__ == "__main__":
    from tests.lab import namespaces

    namespaces.enter(["-m", "tests.lab.trial_mail"])
    print(json.dumps(mailed(), indent=1))
