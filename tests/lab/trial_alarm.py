"""From a fault in a clinic to the letter box: looks as cron starts them, by a clock that is moved on from one to the
next."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from emrnetcheck.model.claims import CLOCK
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from tests.lab import router, scenarios
from tests.lab.internet import Service
from tests.lab.internet.mail import MAILBOXES, NAME, PASSWORD, USER, MailPort
from tests.lab.namespaces import LabError
from tests.lab.plan import Plan
from tests.lab.running import environment, take
from tests.lab.topology import Lab

SITE = "Elm Street Clinic"
ELSEWHERE = "21.66.0.9"
"""What the name leads to while it is wrong."""
_QUARTER = timedelta(minutes=15)
_TTL_S = 1  # what a resolver remembers is over before the next look
_SCHEDULE = '[schedule]\nload_tests = "never"\nspread_minutes = 0\n'
_NO_REPORT = 'report = "off"\n'
_EMAIL = f"""[email]
host = "{NAME}"
port = {MailPort.STARTTLS.value}
security = "starttls"
sender = "{USER}"
username = "{USER}"
password_source = "file:{{secret}}"
to = ["{MAILBOXES[0]}"]
"""


def alarmed() -> dict[str, Any]:
    """The router forgets to whom it has to forward the EMR's port, and is told again. At the end the week is mailed."""
    with Lab(_plan()) as lab:
        clinic = _Clinic(lab)
        clinic.looks("well", 1)
        clinic.quarter("well")
        _forward(lab, on=False)
        clinic.looks("broken", 3)
        _forward(lab, on=True)
        clinic.looks("mended", 2)
        clinic.report = True
        clinic.again("weekly")  # at once: nothing but the report is due
        return clinic.facts()


def alarmed_late() -> dict[str, Any]:
    """The name leads elsewhere before anybody can be written to, and still does when mail is set up."""
    with Lab(_plan()) as lab:
        clinic = _Clinic(lab, mail=False)
        _name(lab, ELSEWHERE)
        clinic.looks("nobody told", 2)
        clinic.mail = True
        clinic.looks("broken", 2)
        _name(lab, lab.plan.public_address)
        clinic.looks("mended", 2)
        return clinic.facts()


def _plan() -> Plan:
    plan = scenarios.load("healthy").clinic
    return replace(plan, internet=replace(plan.internet, mail=Service.OK, ttl_s=_TTL_S, negative_ttl_s=_TTL_S))


def _forward(lab: Lab, *, on: bool) -> None:
    plan = replace(lab.plan, router=replace(lab.plan.router, forward=on))
    lab.hosts["router"].nft(f"delete table ip nat\ndelete table ip filter\n{router.rules(plan)}")


def _name(lab: Lab, address: str) -> None:
    take(scenarios.Step(address=address, wait_s=2.0 * _TTL_S), lab)


@dataclass(slots=True)
class _Clinic:
    """The EMR's host, on which cron starts us each quarter of an hour."""

    lab: Lab
    mail: bool = True
    report: bool = False
    _at: datetime = field(init=False)
    _said: list[dict[str, Any]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """The clock begins before tomorrow's 10:05, so that what is due is the same at any hour of the day."""
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        self._at = tomorrow.replace(hour=10, minute=5, second=0, microsecond=0) - _QUARTER
        file = self.lab.hosts["emr"].folder / "data" / "history.sqlite"
        file.parent.mkdir(parents=True)
        with History.opened(file, write=True) as history:
            for at in (self._at - timedelta(days=8), self._at):  # it is on for long, and was so just before
                Claims(history).claim(CLOCK, SITE, at, at)

    def looks(self, when: str, count: int) -> None:
        """So many that measure something; in between cron starts us too."""
        before = len(self._said)
        while sum(each["measured"] > 0 for each in self._said[before:]) < count:  # a second look may measure twice
            if len(self._said) - before > 2 * count:
                raise LabError(f"nothing is due: {self._said[before:]}")
            self.quarter(when)

    def quarter(self, when: str) -> None:
        """A quarter of an hour after the one before."""
        self._at += _QUARTER
        self.again(when)

    def again(self, when: str) -> None:
        """By the clock of the one before."""
        host = self.lab.hosts["emr"]
        settings, data = host.folder / "emrnetcheck.toml", host.folder / "data"
        settings.write_text(self._settings())
        env = {**environment(self.lab), "EMRNETCHECK_DATA": str(data), "TZ": "UTC", "COLUMNS": "80"}
        began_s = time.monotonic()
        runs = _runs(data / "history.sqlite")
        ahead = self._at - datetime.now(UTC)
        words = ["tests.lab.moved_clock", str(ahead.total_seconds()), "schedule", "run"]
        done = host.run_copy([*words, "--config", str(settings)], env=env, timeout_s=240.0, cwd=host.folder)
        if done.returncode != 0:
            raise LabError(f"{when}: schedule run ended with {done.returncode}: {done.stdout}{done.stderr}")
        self._said.append(
            {
                "when": when,
                "at": f"{self._at:%H:%M}",
                "measured": _runs(data / "history.sqlite") - runs,
                "said": done.stdout + done.stderr,
                "arrived": len(self._arrived()),
                "seconds": round(time.monotonic() - began_s, 1),
            }
        )

    def facts(self) -> dict[str, Any]:
        """What each said and how many mails had arrived by then; the mails; the address that none of them names."""
        return {
            "said": self._said,
            "mails": [each.decode("utf-8", "replace") for each in self._arrived()],
            "public": self.lab.plan.public_address,
        }

    def _arrived(self) -> list[bytes]:
        """What Postfix has taken is on its way into the mailbox for a moment."""
        service = self.lab.internet.mail
        assert service is not None
        self.lab.hosts["internet"].wait_for(lambda: not service.queued(), timeout_s=20.0, what="what Postfix has taken")
        return service.arrived(MAILBOXES[0])

    def _settings(self) -> str:
        secret = self.lab.hosts["emr"].folder / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o600)
        healthy = scenarios.load("healthy")
        text = replace(healthy, settings={"site": {"name": SITE}}).settings_toml()
        text += _SCHEDULE + ("" if self.report else _NO_REPORT)
        text += '[alerts]\nconfirm = "2 of 3"\n'
        return text + (_EMAIL.format(secret=secret) if self.mail else "")


def _runs(file: Path) -> int:
    """How many the history has."""
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file)) as history:
        (count,) = history.execute("SELECT count(*) FROM emrnetcheck_runs").fetchone()
    return int(count)


if __name__ == "__main__":
    from tests.lab import namespaces

    namespaces.enter(["-m", "tests.lab.trial_alarm", *sys.argv[1:]])
    print(json.dumps({"late": alarmed_late, "": alarmed}["".join(sys.argv[1:])](), indent=1))
