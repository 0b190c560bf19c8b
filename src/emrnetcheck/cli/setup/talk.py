"""How does `setup` talk with whoever sits at the terminal? Questions and remarks go to standard error."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import typer

_COLUMNS = 79
_LONGEST_LINE = 2000
UNREADABLE = "\x00"
"""Stands for a line that is none: too long, or not in the terminal's encoding. No answer may hold it."""
YES = {"y": True, "yes": True, "n": False, "no": False}


class NoInput(Exception):
    """Nobody can answer: the message says why."""


@dataclass(frozen=True, slots=True)
class Talk:
    """plain: ASCII only."""

    plain: bool

    def say(self, text: str = "", *, indent: str = "") -> None:
        """A remark, folded to the width of a terminal. Foreign parts in it are made safe."""
        from emrnetcheck.reports.wording import clean

        if not text:
            typer.echo(err=True)
            return
        lead = indent if not indent.strip() else " " * len(indent)
        folded = textwrap.fill(
            clean(text),
            _COLUMNS,
            initial_indent=indent,
            subsequent_indent=lead,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._put(folded)

    def show(self, text: str) -> None:
        """Lines as they are, but for what a terminal would obey."""
        self._put(safe_lines(text).rstrip("\n"))

    def _put(self, text: str) -> None:
        from emrnetcheck.reports.wording import ascii_only

        typer.echo("\n".join(map(ascii_only, text.split("\n"))) if self.plain else text, err=True)

    def line(self, prompt: str) -> str:
        """What was typed, without its end. Raises NoInput where standard input ends."""
        from emrnetcheck.reports.wording import ascii_only, clean

        prompt = clean(prompt)
        typer.echo(f"{ascii_only(prompt) if self.plain else prompt} ", err=True, nl=False)
        try:
            typed = sys.stdin.readline(_LONGEST_LINE)
            is_whole = typed.endswith("\n") or len(typed) < _LONGEST_LINE
            while not is_whole:
                is_whole = sys.stdin.readline(_LONGEST_LINE)[-1:] in ("\n", "")
                typed = UNREADABLE
        except UnicodeDecodeError:
            return UNREADABLE
        if not typed:
            typer.echo(err=True)
            raise NoInput("Standard input ended before all was answered.")
        return typed.strip()

    def agreed(self, question: str) -> bool:
        """Yes or no; Enter is yes."""
        while True:
            typed = self.line(f"{question} [Y/n]").lower()
            if typed in ("", *YES):
                return YES.get(typed, True)
            self.say("Answer y for yes or n for no.")


def safe_lines(text: str) -> str:
    """Without what a terminal obeys or does not show; tabs and ends of lines stay."""
    return "".join(c if c.isprintable() or c in "\t\n" else "?" for c in text.replace("\r\n", "\n"))


def can_ask(stdin: object, stderr: object) -> bool:
    """Whether there is a terminal to read from, and one to ask on."""
    return all(_is_terminal(stream) for stream in (stdin, stderr))


def _is_terminal(stream: object) -> bool:
    isatty: Callable[[], bool] | None = getattr(stream, "isatty", None)
    try:
        return isatty is not None and isatty()
    except ValueError:  # closed
        return False
