"""Which packets does the Linux kernel hand over? Classic BPF: all but what begins or ends connections to one port."""

from __future__ import annotations

import struct
from dataclasses import dataclass

# linux/bpf_common.h and linux/filter.h
_LD_HALF, _LD_BYTE, _LDX_HEAD = 0x28, 0x30, 0xB1
_LD_HALF_X, _LD_BYTE_X, _LDX_IMM = 0x48, 0x50, 0x01
_JUMP_EQUAL, _JUMP_SET, _RETURN = 0x15, 0x45, 0x06
_PROTOCOL = 0xFFFFF000  # SKF_AD_OFF + SKF_AD_PROTOCOL: the kernel's own word for what the packet is
_IPV4, _IPV6, _TCP, _ICMP, _ICMP6 = 0x0800, 0x86DD, 6, 1, 58
_FIN_SYN_RST = 0x07
_KEPT_BYTES = 256
_INSTRUCTION = struct.Struct("=HBBI")


@dataclass(frozen=True, slots=True)
class _Step:
    """One instruction; yes and no are labels to go on at, "": the next one."""

    code: int
    value: int
    yes: str = ""
    no: str = ""
    label: str = ""


def beginnings_and_ends(port: int) -> bytes:
    """A program for SO_ATTACH_FILTER on a packet socket whose data begin with the IP header.

    It keeps TCP with FIN, SYN or RST to or from the port, and ICMP's "destination unreachable": never what a
    connection carries. So it costs nothing beside a busy server.
    """
    steps = (
        _Step(_LD_HALF, _PROTOCOL),
        _Step(_JUMP_EQUAL, _IPV4, "v4"),
        _Step(_JUMP_EQUAL, _IPV6, "v6", "drop"),
        _Step(_LD_HALF, 6, label="v4"),
        _Step(_JUMP_SET, 0x1FFF, "drop"),  # a later fragment has no ports
        _Step(_LDX_HEAD, 0),
        _Step(_LD_BYTE, 9),
        _Step(_JUMP_EQUAL, _TCP, "tcp"),
        _Step(_JUMP_EQUAL, _ICMP, "", "drop"),
        _Step(_LD_BYTE_X, 0),
        _Step(_JUMP_EQUAL, 3, "keep", "drop"),
        _Step(_LDX_IMM, 40, label="v6"),
        _Step(_LD_BYTE, 6),
        _Step(_JUMP_EQUAL, _TCP, "tcp"),
        _Step(_JUMP_EQUAL, _ICMP6, "", "drop"),
        _Step(_LD_BYTE_X, 0),
        _Step(_JUMP_EQUAL, 1, "keep", "drop"),
        _Step(_LD_BYTE_X, 13, label="tcp"),
        _Step(_JUMP_SET, _FIN_SYN_RST, "", "drop"),
        _Step(_LD_HALF_X, 0),
        _Step(_JUMP_EQUAL, port, "keep"),
        _Step(_LD_HALF_X, 2),
        _Step(_JUMP_EQUAL, port, "keep", "drop"),
        _Step(_RETURN, _KEPT_BYTES, label="keep"),
        _Step(_RETURN, 0, label="drop"),
    )
    where = {step.label: number for number, step in enumerate(steps) if step.label}
    return b"".join(
        _INSTRUCTION.pack(
            step.code,
            where[step.yes] - number - 1 if step.yes else 0,
            where[step.no] - number - 1 if step.no else 0,
            step.value,
        )
        for number, step in enumerate(steps)
    )
