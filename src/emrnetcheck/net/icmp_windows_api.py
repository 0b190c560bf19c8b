"""How is Windows' own API for echo requests called? IcmpSendEcho of iphlpapi.dll (icmpapi.h, ipexport.h)."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.icmp_packets import PAYLOAD

_INVALID_HANDLE = ctypes.c_void_p(-1).value
SUCCESS, TIMED_OUT = 0, 11010
_ERROR_BYTES = 8 + 16  # an ICMP error message, and what Windows keeps of its own behind it (IO_STATUS_BLOCK)


class _Options(ctypes.Structure):
    """IP_OPTION_INFORMATION."""

    _fields_ = (
        ("ttl", ctypes.c_ubyte),
        ("tos", ctypes.c_ubyte),
        ("flags", ctypes.c_ubyte),
        ("options_size", ctypes.c_ubyte),
        ("options_data", ctypes.c_void_p),
    )


class Reply(ctypes.Structure):
    """ICMP_ECHO_REPLY. status is an IP_STATUS; round_trip_ms whole."""

    _fields_ = (
        ("address", ctypes.c_uint32),
        ("status", ctypes.c_uint32),
        ("round_trip_ms", ctypes.c_uint32),
        ("data_size", ctypes.c_uint16),
        ("reserved", ctypes.c_uint16),
        ("data", ctypes.c_void_p),
        ("options", _Options),
    )


BUFFER_BYTES = ctypes.sizeof(Reply) + len(PAYLOAD) + _ERROR_BYTES


class Dll(Protocol):
    """What is used of iphlpapi.dll; names and arguments are Windows'."""

    def IcmpCreateFile(self) -> int | None: ...

    def IcmpCloseHandle(self, handle: int) -> int: ...

    def IcmpSendEcho(
        self,
        handle: int,
        destination: int,
        request: bytes,
        request_size: int,
        options: None,
        reply: ctypes.Array[ctypes.c_char],
        reply_size: int,
        timeout_ms: int,
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Api:
    """The DLL and the error of the last call of this thread."""

    dll: Dll
    last_error: Callable[[], int]


@contextmanager
def handle_of(api: Api) -> Iterator[int | None]:
    """A handle of ICMP, closed in the end; None where none is to be had."""
    handle = api.dll.IcmpCreateFile()
    if handle is None or handle == _INVALID_HANDLE:
        yield None
        return
    try:
        yield handle
    finally:
        api.dll.IcmpCloseHandle(handle)


def windows_api() -> Api | Failure:
    """That of this computer; UNSUPPORTED where it is not Windows."""
    if sys.platform != "win32":
        return Failure(FailureKind.UNSUPPORTED, "ping", detail="not Windows")
    try:
        dll = ctypes.WinDLL("iphlpapi", use_last_error=True)
        dll.IcmpCreateFile.argtypes = []
        dll.IcmpCreateFile.restype = ctypes.c_void_p
        dll.IcmpCloseHandle.argtypes = [ctypes.c_void_p]
        dll.IcmpSendEcho.argtypes = [
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_char_p,
            ctypes.c_uint16,
            ctypes.c_void_p,
            ctypes.c_void_p,
            ctypes.c_uint32,
            ctypes.c_uint32,
        ]
        dll.IcmpSendEcho.restype = ctypes.c_uint32
    except (OSError, AttributeError) as error:
        return classify(error, "ping") if isinstance(error, OSError) else Failure(FailureKind.UNSUPPORTED, "ping")
    return Api(dll, ctypes.get_last_error)
