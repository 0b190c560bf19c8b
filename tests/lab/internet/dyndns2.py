"""The dynamic DNS provider's update service, by the dyndns2 protocol (help.dyn.com, "Remote Access API")."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rdatatype
import dns.tsigkeyring
import dns.update

from tests.lab.internet import addresses as at
from tests.lab.internet.serving import Connection, Request, Site, serve

WITH_ADDRESS = ("good", "nochg")
NAMES_MAX = 20
_DNS_TIMEOUT_S = 3.0


@dataclass(slots=True)
class Provider:
    """One customer with one name. `settings`: as start_ddns writes them."""

    settings: dict[str, Any]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _unchanged: int = 0
    """How many `nochg` there were since the last `good`."""

    def answer(self, secure: bool, connection: Connection, request: Request) -> None:
        """/nic/update takes an update; any other path tells the caller's address, as checkip.dyndns.org does it."""
        if request.path != "/nic/update":
            page = f"<html><body>Current IP Address: {request.peer}</body></html>\n"
            connection.respond(HTTPStatus.OK, page.encode(), content_type="text/html")
            return
        asked_wall_s = time.time()
        address = _address(request)
        with self._lock:
            code = self._says() or self._code(request, address)
            entry = {
                "asked_wall_s": asked_wall_s,
                "done_wall_s": time.time(),
                "peer": request.peer,
                "secure": secure,
                "agent": request.headers.get("user-agent", ""),
                "hostname": request.query.get("hostname", [""])[0],
                "address": address,
                "code": code,
            }
            with Path(self.settings["log"]).open("a") as log:
                log.write(json.dumps(entry) + "\n")
        refused = code == "badauth" and self.settings["unauthorized"]
        text = f"{code} {address}" if code in WITH_ADDRESS else code
        connection.respond(HTTPStatus.UNAUTHORIZED if refused else HTTPStatus.OK, f"{text}\n".encode())

    def _says(self) -> str:
        return Path(self.settings["says"]).read_text().strip()

    def _code(self, request: Request, address: str) -> str:
        names = request.query.get("hostname", [""])[0].split(",")
        if not request.headers.get("user-agent"):
            return "badagent"
        if not self._knows(request.headers.get("authorization", "")):
            return "badauth"
        if any("." not in name for name in names):
            return "notfqdn"
        if len(names) > NAMES_MAX:
            return "numhost"
        if any(name.lower() != self.settings["hostname"] for name in names):
            return "nohost"
        allowed = self.settings["abuse_after"]
        if allowed and self._unchanged >= allowed:
            return "abuse"
        try:
            if self._published() == address:
                self._unchanged += 1
                return "nochg"
            self._publish(address)
        except (dns.exception.DNSException, OSError):
            return "dnserr"
        self._unchanged = 0
        return "good"

    def _knows(self, authorization: str) -> bool:
        kind, _, text = authorization.partition(" ")
        try:
            given = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return False
        return kind.lower() == "basic" and given == f"{self.settings['user']}:{self.settings['password']}"

    def _published(self) -> str | None:
        question = dns.message.make_query(self.settings["hostname"], "A", flags=dns.flags.Flag(0))
        answer = dns.query.udp(question, at.NS1, timeout=_DNS_TIMEOUT_S).answer
        found = [str(record) for rrset in answer for record in rrset if record.rdtype is dns.rdatatype.A]
        return found[0] if found else None

    def _publish(self, address: str) -> None:
        keyring = dns.tsigkeyring.from_text({self.settings["key_name"]: self.settings["secret"]})
        update = dns.update.UpdateMessage(at.ZONE, keyring=keyring, keyalgorithm="hmac-sha256.")
        update.replace(f"{self.settings['hostname']}.", self.settings["ttl_s"], "A", address)
        said = dns.query.tcp(update, at.NS1, timeout=_DNS_TIMEOUT_S)
        if said.rcode() != 0:
            raise OSError(f"update refused: rcode {said.rcode()}")


def _address(request: Request) -> str:
    """What the client wants published; without that, where it asks from."""
    try:
        return str(ipaddress.IPv4Address(request.query.get("myip", [""])[0]))
    except ValueError:
        return request.peer


def main(argv: list[str]) -> None:
    settings = json.loads(Path(argv[1]).read_text())
    provider = Provider(settings)
    serve(
        [
            Site(at.DDNS, 80, partial(provider.answer, False)),
            Site(at.DDNS, 443, partial(provider.answer, True), settings["certificate"], settings["key"]),
        ]
    )
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv)
