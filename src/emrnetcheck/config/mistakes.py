"""How is a mistake in the settings told in one sentence, that names the key and how to mend it?"""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from emrnetcheck.config.sections import Settings

_SHOWN_CHARS = 60
# Somebody may have written the secret itself there; a URL can hold a password, or be one.
_SECRETS = ("responder_token", "url", "ping_url", "password_source")
_USER_INFO = re.compile(r"^.*:.*@", re.DOTALL)
# pydantic's own words are for programmers; those that are missing here are plain enough.
_WORDS = {
    "model_type": "must be a section with keys of its own",
    "dict_type": "must be a section with keys of its own",
    "list_type": 'must be a list such as ["first", "second"]',
    "string_type": "must be text in quotes",
    "string_pattern_mismatch": 'must be a path such as "/oscar/", without spaces',
    "int_type": "must be a whole number without quotes",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number without quotes",
    "finite_number": "must be a number that is not infinite",
    "bool_type": "must be true or false without quotes",
    "too_short": "must have at least {min_length} in the list",
    "too_long": "must not be longer than {max_length} characters",
}


def in_one_sentence(error: ValidationError, file: Path) -> str:
    """The first mistake (unknown keys before wrong values): which key, what is wrong, how to mend it."""
    first = first_mistake(error)
    path = [part for part in first["loc"] if isinstance(part, str)]
    if first["type"] == "extra_forbidden":
        return _unknown_key(path, file)
    path = [one_word(part) for part in path]
    where = f"[{path[0]}] {'.'.join(path[1:])}".rstrip()
    value = first["input"]
    shown = ""
    if isinstance(value, str | int | float | bool) and len(path) > 1 and path[-1] not in _SECRETS:
        shown = f" = {as_given(value)}"
    return f"In {file}, {where}{shown}: {what_is_wrong(first)}."


def first_mistake(error: ValidationError) -> ErrorDetails:
    """Unknown keys before wrong values."""
    return min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")


def what_is_wrong(mistake: ErrorDetails) -> str:
    """What the value must be, in plain words."""
    context: dict[str, object] = {"min_length": "", "max_length": ""} | mistake.get("ctx", {})
    if "error" in context:
        return str(context["error"])
    if mistake["type"] in _WORDS:
        return _WORDS[mistake["type"]].format_map(context)
    return re.sub(r"^Input should be", "must be", mistake["msg"])


def as_given(value: str | float) -> str:
    """A value as it may be shown: a name and a password before a host, as in web addresses, are left out."""
    return cut(json.dumps(_USER_INFO.sub("...@", value) if isinstance(value, str) else value))


def cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "..."


def one_word(name: str) -> str:
    """A key of the file as it may be shown: a quoted one can hold line breaks, or what a terminal obeys."""
    return cut(name if name.isprintable() and name.strip() else json.dumps(name))


def _unknown_key(path: list[str], file: Path) -> str:
    model: type[BaseModel] = Settings
    known = list(Settings.model_fields)
    if len(path) > 1:
        section = Settings.model_fields[path[0]].annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        model, known = section, list(section.model_fields)
    name = path[-1]
    near = difflib.get_close_matches(name, known, n=1)
    mend = f'did you mean "{near[0]}"?' if near else f"known are {', '.join(known)}."
    where = f"the key {one_word(name)} in [{path[0]}]" if model is not Settings else f"the section [{one_word(name)}]"
    return f"In {file}, {where} is not known: {mend}"
