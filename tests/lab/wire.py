"""How does the lab build, start, change and question a wire (wire.c) while traffic runs over it?"""

from __future__ import annotations

import functools
import json
import os
import shutil
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tests.lab.namespaces import Host, LabError, command

Direction = Literal["up", "down"]
_SOURCE = Path(__file__).with_name("wire.c")
_PROGRAM = Path("/run/emrnetcheck-wire")  # the lab's own tmpfs: one build per process, gone with it
BUILT = "EMRNETCHECK_LAB_WIRE"
"""Names a wire that somebody who starts many labs has built for all of them."""
_ANSWER_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class WireSettings:
    """One direction of a wire. The rate counts whole Ethernet frames, 14-byte header included."""

    rate_mbps: float = 0.0
    """0: no limit."""
    peak_mbps: float = 0.0
    """Speed while tokens last; 0: at once. Without burst_bytes it means nothing."""
    burst_bytes: int = 0
    """Size of the token bucket, full at the start; 0: every frame takes its time at rate_mbps."""
    queue_bytes: int = 256_000
    """Drop-tail limit, the frame being sent included."""
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    """Each frame is delayed by up to this much more, evenly spread."""
    loss_ratio: float = 0.0
    reorder: bool = False
    """Whether jitter may let a frame overtake another."""
    wander_ratio: float = 0.0
    """The rate wanders within this share of rate_mbps, its mean: an AR(1) walk by the wire's seed, in steps of 0.5 s
    with correlation 0.5 and half of this share as standard deviation."""


@dataclass(frozen=True, slots=True)
class WireCounters:
    """What one direction of a wire has seen. The four after cut_drops must stay 0 in a sound lab."""

    frames_in: int
    bytes_in: int
    frames_out: int
    bytes_out: int
    queue_drops: int
    loss_drops: int
    cut_drops: int
    oversize: int
    """Frames of more than 1514 bytes: an offload is on, and the wire does not see what a line would."""
    no_slot: int
    send_errors: int
    kernel_drops: int
    """Frames lost before the wire read them: the machine was too busy to trust what was measured."""
    queue_bytes: int
    queue_max_bytes: int
    """The most since the last time it was asked."""


@dataclass(frozen=True, slots=True)
class Wire:
    """A running wire: "up" carries from its first interface to its second."""

    control_path: Path

    @classmethod
    def start(cls, host: Host, interfaces: tuple[str, str], *, seed: int = 1, name: str = "") -> Wire:
        """Start it in the host that holds both interfaces; until set, it is a plain cable. name: of several there."""
        called = "-".join(["wire", host.name, *([name] if name else [])])
        control, log = Path("/run") / f"{called}.sock", f"{called}.log"
        control.unlink(missing_ok=True)
        host.start([_program(), *interfaces, control, str(seed)], log=log)
        wire = cls(control)
        host.wait_for(wire._answers, timeout_s=_ANSWER_TIMEOUT_S, what="the wire", log=log)
        return wire

    def apply(self, direction: Direction, settings: WireSettings) -> None:
        """Make the direction behave as the settings say, from now on."""
        self.set(direction, **asdict(settings))

    def set(self, direction: Direction, **changes: float) -> None:
        """Change some settings by their names in WireSettings."""
        words = " ".join(f"{key}={float(value):.9g}" for key, value in changes.items())
        self._ask(f"set {direction} {words}")

    def cut(self) -> None:
        """Unplug it: every frame vanishes, also those under way."""
        self._ask("cut")

    def mend(self) -> None:
        """Plug it in again."""
        self._ask("mend")

    def stats(self) -> dict[Direction, WireCounters]:
        """The counters now."""
        answer = self._ask("stats")
        return {"up": WireCounters(**answer["up"]), "down": WireCounters(**answer["down"])}

    def check(self) -> None:
        """Fail loudly if what ran over this wire was not what a line would have carried."""
        for direction, seen in self.stats().items():
            for name in ("oversize", "no_slot", "kernel_drops", "send_errors"):
                if getattr(seen, name):
                    raise LabError(f"wire {self.control_path.name}, {direction}: {name} = {getattr(seen, name)}")

    def _answers(self) -> bool:
        try:
            self._ask("stats")
        except OSError:
            return False
        return True

    def _ask(self, line: str) -> dict[str, dict[str, int]]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as control:
            control.settimeout(_ANSWER_TIMEOUT_S)
            control.connect(str(self.control_path))
            control.send(line.encode())
            answer: dict[str, dict[str, int]] = json.loads(control.recv(4096))
        if "error" in answer:
            raise LabError(f"the wire refused {line!r}: {answer['error']}")
        return answer


@functools.cache
def _program() -> Path:
    built = os.environ.get(BUILT, "")
    if os.access(built, os.X_OK):  # what may not be executed where it is, is built once more
        return Path(built)
    build(_PROGRAM)
    return _PROGRAM


def build(program: Path) -> None:
    """Compile the wire; a third of a second."""
    if shutil.which("cc") is None:
        raise LabError("cc is missing (Debian: apt-get install gcc libc6-dev)")
    command(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(program), str(_SOURCE)])
