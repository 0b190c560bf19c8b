"""What does Linux tell of an interface in /sys? Nothing, on other systems."""

from __future__ import annotations

from pathlib import Path

SYS = Path("/sys")
_SIZE_MAX_BYTES = 4096  # a page: no attribute of /sys is larger


def folder_of(interface: str, sys_root: Path = SYS) -> Path:
    """Where its facts are, if anywhere."""
    return sys_root / "class" / "net" / interface


def text(path: Path) -> str:
    """What the file says; "" where this kind of interface has no such fact."""
    try:
        with path.open("rb") as opened:
            return opened.read(_SIZE_MAX_BYTES).decode(errors="replace")
    except OSError:
        return ""


def number(path: Path) -> int | None:
    """The count in the file, which is never below 0; None where there is none."""
    said = text(path).strip()
    return int(said) if said.isascii() and said.isdigit() else None
