"""How is TLS begun on a connection, with an end in time however slowly the other side answers?"""

from __future__ import annotations

import selectors
import socket
import ssl

from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import CertificateWantedError, wants_certificate


def shake_hands(plain: socket.socket, context: ssl.SSLContext, host: str, deadline: Deadline) -> ssl.SSLSocket:
    """TLS over the connection, as `host`; the socket is not blocking then. Raises what ssl raises, or TimeoutError."""
    secure = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    try:
        # Non-blocking and by hand: a time-out of the socket would begin anew with every byte that trickles in.
        secure.setblocking(False)
        while True:
            try:
                secure.do_handshake()
                return secure
            except ssl.SSLWantReadError:
                wanted = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                wanted = selectors.EVENT_WRITE
            except ssl.SSLError as error:
                if wants_certificate(error, chosen=secure.cipher() is not None):
                    raise CertificateWantedError from error
                raise
            with selectors.DefaultSelector() as selector:
                selector.register(secure, wanted)
                if deadline.passed() or not selector.select(deadline.remaining_s()):
                    raise TimeoutError
    except BaseException:
        secure.close()
        raise
