"""How does the text of a settings file say this: as a new file, or as the old one with nothing else changed?"""

from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from typing import TypeAlias

from emrnetcheck.config.toml_text import Statement, statements

Value: TypeAlias = str | bool | int | float | list[str]
Key: TypeAlias = tuple[str, str]
"""A section, and a key in it."""

HEAD = (
    "Settings of emrnetcheck, written by `emrnetcheck setup`. Change them here, or run that command again: it shows "
    "what it changes, and keeps what it does not ask about. docs/settings.md explains every key. No password belongs "
    "into this file."
)
_LINE_MAX_CHARS = 79


class NotFaithful(Exception):
    """The old text cannot be changed without losing something of it. The message says what stands in the way."""


def literal(value: Value) -> str:
    """A value as TOML has it. What a terminal would obey, or would not show, is escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "".join(c if c.isprintable() else _escaped(c) for c in json.dumps(value, ensure_ascii=False))
    if not isinstance(value, list):
        return repr(value)
    items = [literal(item) for item in value]
    line = f"[{', '.join(items)}]"
    return line if len(line) <= _LINE_MAX_CHARS else "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - the reach of \u


def fresh(values: Mapping[Key, Value], comments: Mapping[Key, str]) -> str:
    """A new file, section by section, with a comment above each key."""
    lines = _comment(HEAD)
    for section in dict.fromkeys(section for section, _ in values):
        lines += ["", f"[{section}]"]
        for key, value in ((key, value) for (its, key), value in values.items() if its == section):
            lines += _with_comment(key, value, comments.get((section, key), ""))
    return "\n".join(lines) + "\n"


def _with_comment(key: str, value: Value, comment: str) -> list[str]:
    return [*_comment(comment), *f"{key} = {literal(value)}".split("\n")]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _LINE_MAX_CHARS - len("# "))]


def merged(old: str, changes: Mapping[Key, Value | None], comments: Mapping[Key, str]) -> str:
    """The old text with these values; None takes a key out, by making a comment of it. All else stays as it is.

    Raises NotFaithful where that cannot be done.
    """
    mark = old[:1] if old.startswith("\ufeff") else ""  # Windows' Notepad may put it in front
    text = old.removeprefix(mark)
    newline = "\r\n" if "\r\n" in text else "\n"
    meant = _meant(tomllib.loads(text), changes)
    for (section, key), value in changes.items():
        text = _changed(text, (section, key), value, comments.get((section, key), ""), newline)
    try:
        is_meant = _filled(tomllib.loads(text)) == meant
    except tomllib.TOMLDecodeError:
        is_meant = False
    if not is_meant:
        raise NotFaithful("it is written in a form that this command cannot change without losing something of it")
    return mark + text


def _meant(raw: dict[str, object], changes: Mapping[Key, Value | None]) -> dict[str, object]:
    meant = deepcopy(raw)
    for (section, key), value in changes.items():
        table = meant.setdefault(section, {})
        if not isinstance(table, dict):
            raise NotFaithful(f"its [{section}] is no section")
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return _filled(meant)


def _filled(raw: dict[str, object]) -> dict[str, object]:
    """Without empty sections: they say nothing."""
    return {key: value for key, value in raw.items() if value != {}}


def _changed(text: str, path: Key, value: Value | None, comment: str, newline: str) -> str:
    every = list(statements(text))
    there = next((each for each in every if each.path == path and not each.is_heading), None)
    if there is None:
        return text if value is None else _added(text, every, path, value, comment, newline)
    if value is None:
        return text[: there.start] + _as_comment(text[there.start : there.end]) + text[there.end :]
    if there.has_comment_inside:
        raise NotFaithful(f"there are comments inside the list of [{path[0]}] {path[1]}")
    return text[: there.value_start] + literal(value).replace("\n", newline) + text[there.value_end :]


def _as_comment(lines: str) -> str:
    return "".join(f"# {line}" for line in lines.splitlines(keepends=True))


def _added(text: str, every: list[Statement], path: Key, value: Value, comment: str, newline: str) -> str:
    """Behind the last key of its section; at the end, with its heading, where there is no such section."""
    section, key = path
    last = next((each for each in reversed(every) if _is_of(each, section)), None)
    if last is None:
        before, after, indent = text, "", ""
        lines = [*([""] if text.strip() else []), f"[{section}]", *_with_comment(key, value, comment)]
    else:
        before, after, indent = text[: last.end], text[last.end :], text[last.start : last.key_start]
        # `emr.port = 1` without a heading: the new key is written likewise.
        lines = _with_comment(f"{section}.{key}" if _has_dots(last, every) else key, value, comment)
    if before and not before.endswith("\n"):
        before += newline
    added = "".join(f"{indent}{line}\n" if line else "\n" for line in lines)
    return before + added.replace("\n", newline) + after


def _is_of(each: Statement, section: str) -> bool:
    return each.path[:1] == (section,) and len(each.path) == (1 if each.is_heading else 2)


def _has_dots(last: Statement, every: list[Statement]) -> bool:
    """Whether the key is written with its section in front, and not below a heading."""
    heading = next((each for each in reversed(every) if each.is_heading and each.start <= last.start), None)
    return heading is None or heading.path != last.path[:1]
