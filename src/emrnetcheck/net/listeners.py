"""Which addresses of this computer does something listen on, at a TCP port?"""

from __future__ import annotations

import psutil

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify


def listening_on(port: int) -> tuple[str, ...] | Failure:
    """The addresses that listeners on the port are bound to; () if there is none.

    Linux and Windows show them to every user. PERMISSION where the table may not be read (macOS without root).
    """
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return Failure(FailureKind.PERMISSION, "read the list of listeners")
    except (psutil.Error, OSError) as error:
        return classify(error, "read the list of listeners")
    bound = {
        connection.laddr.ip
        for connection in connections
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
    }
    return tuple(sorted(bound))
