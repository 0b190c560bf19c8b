"""Where in the text of a TOML file does each key with its value stand? For changing one of them and nothing else.

The text has to be valid TOML: whether it is, tomllib has said before.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """A heading, or a key with its value. path: the heading's keys and its own.

    start: of its first line; end: behind its last one. value_start, value_end: of the value alone; both at the end of a
    heading's brackets. key_start, key_end: of the key as it is written. has_comment_inside: between the brackets of a
    list of several lines.
    """

    path: tuple[str, ...]
    is_heading: bool
    start: int
    end: int
    key_start: int
    key_end: int
    value_start: int
    value_end: int
    has_comment_inside: bool = False


def statements(text: str) -> Iterator[Statement]:
    """All of them, in the order of the text."""
    heading: tuple[str, ...] = ()
    at = 0
    while at < len(text):
        start = at
        at = _blanks(text, at)
        if at == len(text) or text[at] in "\r\n#":
            at = _next_line(text, at)
            continue
        if text[at] == "[":
            found = _heading(text, start, at)
            heading = found.path
        else:
            found = _key_and_value(text, start, at, heading)
        yield found
        at = found.end


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t":
        at += 1
    return at


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _heading(text: str, start: int, at: int) -> Statement:
    key_start = at
    while text[at] == "[":
        at += 1
    while text[at] != "]":
        at = _string_end(text, at) if text[at] in "\"'" else at + 1
    while at < len(text) and text[at] == "]":
        at += 1
    path = _keys(tomllib.loads(text[key_start:at]))
    return Statement(path, True, start, _next_line(text, at), key_start, at, at, at)


def _key_and_value(text: str, start: int, key_start: int, heading: tuple[str, ...]) -> Statement:
    at = key_start
    while text[at] != "=":
        at = _string_end(text, at) if text[at] in "\"'" else at + 1
    key_end = at
    path = _keys(tomllib.loads(f"{text[key_start:key_end]}= 0"))
    value_start = _blanks(text, at + 1)
    value_end, has_comment = _value_end(text, value_start)
    end = _next_line(text, value_end)
    return Statement((*heading, *path), False, start, end, key_start, key_end, value_start, value_end, has_comment)


def _keys(parsed: object) -> tuple[str, ...]:
    """The one path that leads through the tables."""
    found = []
    while isinstance(parsed, dict | list) and parsed:
        if isinstance(parsed, list):
            parsed = parsed[0]
            continue
        key = next(iter(parsed))
        found.append(key)
        parsed = parsed[key]
    return tuple(found)


def _value_end(text: str, at: int) -> tuple[int, bool]:
    """Behind the value; and whether a comment stands between its brackets."""
    depth = 0
    has_comment = False
    end = at
    while at < len(text):
        character = text[at]
        if character in "\"'":
            at = end = _string_end(text, at)
            continue
        if character == "#" or character in "\r\n":
            if depth == 0:
                break
            has_comment = has_comment or character == "#"
            at = _next_line(text, at) if character == "#" else at + 1
            continue
        depth += (character in "[{") - (character in "]}")
        at += 1
        end = end if character in " \t" else at
    return end, has_comment


def _string_end(text: str, at: int) -> int:
    """Behind the string that begins here: of one line or of several, with escapes or without."""
    quote = text[at]
    closing = quote * 3 if text.startswith(quote * 3, at) else quote
    at += len(closing)
    while not text.startswith(closing, at):
        at += 2 if text[at] == "\\" and quote == '"' else 1
    at += len(closing)
    # One or two quotes of the text itself may stand right before the three that end it.
    extra = 0
    while len(closing) > 1 and extra < 2 and text.startswith(quote, at + extra):  # noqa: PLR2004 - by TOML's grammar
        extra += 1
    return at + extra
