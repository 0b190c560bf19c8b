"""What is a question of `setup`?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from emrnetcheck.config.writing import Key, Value

Answers = Mapping[Key, Value | None]
"""None: the key is left out of the file on purpose."""


class Kind(StrEnum):
    """How an answer is typed."""

    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    LIST = "list"
    YES_NO = "yes_no"
    CHOICE_OR_TEXT = "choice_or_text"


@dataclass(frozen=True, slots=True)
class Question:
    """ask, explain: what is printed, and what "?" prints. comment: above the key in the file. name: in a sentence.

    choices: the values and what each means. nothing: the word for "nothing", which then gives `nothing_is`.
    wanted: whether the question makes sense after the answers before it. needed: whether a script has to answer it.
    left_out: what happens where a script does not. unused: why its option is left aside where it is not wanted.
    """

    key: Key
    flag: str
    kind: Kind
    name: str
    ask: str
    explain: str
    comment: str
    choices: tuple[tuple[str, str], ...] = ()
    nothing: str = ""
    nothing_is: Value | None = None
    wanted: Callable[[Answers], bool] = lambda _answers: True
    needed: Callable[[Answers], bool] = lambda _answers: False
    left_out: str = ""
    unused: str = "by the other answers nobody outside uses the EMR"
