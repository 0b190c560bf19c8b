"""Name servers that tell who asks them: Google's ns1 (as TXT) and OpenDNS's resolver1 (as A)."""

from __future__ import annotations

import socket
import sys
import threading

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.lab.internet import addresses as at

_TABLE = {
    at.WHOAMI_OPENDNS: ("myip.opendns.com.", "A"),
    at.WHOAMI_GOOGLE: ("o-o.myaddr.l.google.com.", "TXT"),
}


def reply(question: dns.message.Message, peer: str, name: str, kind: str) -> bytes:
    """REFUSED for every other name; no record for another type."""
    message = dns.message.make_response(question)
    message.flags |= dns.flags.AA
    asked = question.question[0]
    if asked.name.to_text().lower() != name:
        message.set_rcode(dns.rcode.REFUSED)
    elif dns.rdatatype.to_text(asked.rdtype) == kind:
        value = f'"{peer}"' if kind == "TXT" else peer
        message.answer.append(dns.rrset.from_text(asked.name, 0, "IN", kind, value))
    return message.to_wire()


def answer_forever(address: str, name: str, kind: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 53))
        while True:
            data, peer = sock.recvfrom(4096)
            try:
                question = dns.message.from_wire(data)
            except dns.exception.DNSException:
                continue
            sock.sendto(reply(question, str(peer[0]), name, kind), peer)


def main(_argv: list[str]) -> None:
    for address, (name, kind) in _TABLE.items():
        threading.Thread(target=answer_forever, args=(address, name, kind), daemon=True).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv)
