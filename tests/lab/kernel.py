"""What of namespaces does Python not give by itself? Asked of the C library.

A clinic is hundreds of small steps in network namespaces: as programs (ip netns exec, sh, mount, ss) they would cost
as much as the program under test.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

_LIBRARY = ctypes.CDLL(None, use_errno=True)
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
_BIND = 0x1000  # MS_BIND
_RECURSIVE = 0x4000  # MS_REC
_SLAVE = 0x80000  # MS_SLAVE
_DETACH = 2  # MNT_DETACH
_OWN = "/proc/thread-self/ns/net"
_DROP_FROM_BOUNDING_SET = 24  # PR_CAPBSET_DROP
_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS
_CAPABILITIES_OF_64_BITS = 0x20080522  # _LINUX_CAPABILITY_VERSION_3
_LAST_CAPABILITY = Path("/proc/sys/kernel/cap_last_cap")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def enter(namespace: Path) -> None:
    """This thread lives in that namespace from now on (for one of mounts: this process, which has one thread)."""
    descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _checked(_LIBRARY.setns(descriptor, 0), f"setns {namespace}")
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def inside(namespace: Path) -> Iterator[None]:
    """Meanwhile this thread is in that network namespace: what it opens or starts is there."""
    before = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(namespace)
        try:
            yield
        finally:
            _checked(_LIBRARY.setns(before, 0), "setns")
    finally:
        os.close(before)


def make_network(name: Path) -> None:
    """A fresh network namespace that `ip -n` finds by this name, a file in /run/netns."""
    before = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
    try:
        name.touch(exist_ok=False)
        _checked(_LIBRARY.unshare(_NEW_NETWORK), "unshare")
        try:
            _checked(_LIBRARY.mount(_OWN.encode(), os.fsencode(name), b"none", _BIND, None), f"mount {name}")
        finally:
            _checked(_LIBRARY.setns(before, 0), "setns")
    finally:
        os.close(before)


def forget_network(name: Path) -> None:
    """It is gone when nothing lives in it any more."""
    _checked(_LIBRARY.umount2(os.fsencode(name), _DETACH), f"umount {name}")
    name.unlink()


def inhabitants(name: Path) -> list[int]:
    """The processes in that network namespace."""
    wanted = name.stat()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            seen = (entry / "ns/net").stat()
            if (seen.st_dev, seen.st_ino) == (wanted.st_dev, wanted.st_ino):
                found.append(int(entry.name))
    return found


def own_mounts(bound: Sequence[tuple[Path, str]]) -> None:
    """What `ip netns exec` gives a program (its network's /sys), and files and folders laid over others, for this
    process alone."""
    _checked(_LIBRARY.unshare(_NEW_MOUNTS), "unshare")
    _checked(_LIBRARY.mount(b"", b"/", b"none", _SLAVE | _RECURSIVE, None), "mount /")
    with contextlib.suppress(OSError):  # nothing there: fine
        _checked(_LIBRARY.umount2(b"/sys", _DETACH), "umount /sys")
    _checked(_LIBRARY.mount(b"sysfs", b"/sys", b"sysfs", 0, None), "mount /sys")
    for source, target in bound:
        _checked(_LIBRARY.mount(os.fsencode(source), target.encode(), b"none", _BIND, None), f"mount {target}")


def give_up_capabilities() -> None:
    """This process, which has one thread, has no capability from now on and gets none by what it starts (setpriv)."""
    for capability in range(int(_LAST_CAPABILITY.read_text()) + 1):
        _checked(_LIBRARY.prctl(_DROP_FROM_BOUNDING_SET, capability, 0, 0, 0), "prctl")
    _checked(_LIBRARY.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")
    version_of_own = (ctypes.c_uint32 * 2)(_CAPABILITIES_OF_64_BITS, 0)
    none = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable, twice 32 bits
    _checked(_LIBRARY.capset(version_of_own, none), "capset")


_LISTENING = {"tcp": "0A", "udp": "07"}
"""States in the kernel's tables: a server's socket of TCP, and one of UDP that is not connected."""


def listening_ports(protocol: str) -> set[int]:
    """Where something listens in this thread's network namespace, by IPv4 or IPv6."""
    found = set()
    for table in (protocol, f"{protocol}6"):
        with contextlib.suppress(FileNotFoundError):  # a kernel without IPv6
            for line in Path(f"/proc/thread-self/net/{table}").read_text().splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                if state == _LISTENING[protocol]:
                    found.add(int(local.rpartition(":")[2], 16))
    return found
