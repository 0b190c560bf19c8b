"""What is one step of handing a mail to a server, for whoever watches?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """stage: as in a Reply. what: what the program did. code, text: what the server said to it, made safe to show."""

    stage: str
    what: str
    code: int | None
    text: str
