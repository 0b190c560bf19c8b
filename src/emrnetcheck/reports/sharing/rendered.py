"""Which words do the renderers say by themselves: their headings, labels and sentences?

They are read out of the renderers' own code and templates, so that a new heading is known without being listed. What
is made of a copy without secrets may hold them; the copy itself may not, beyond the words of `words`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module, resources
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import CodeType

from emrnetcheck.reports.sharing.words import words_in

_ROOMS = ("emrnetcheck.reports", "emrnetcheck.placing", "emrnetcheck.model")
_WRITES_NOTHING = "emrnetcheck.reports.sharing"
_OF_JSON = ("true", "false", "null")
_TEMPLATES = "emrnetcheck.reports.html"


@cache
def rendered_words() -> frozenset[str]:
    """In small letters."""
    return words_in(*(text for room in _ROOMS for text in _of_package(room)), *_of_templates(), *_OF_JSON)


def _of_package(name: str) -> Iterator[str]:
    """The texts in the code of all its modules, of which none is run for it."""
    package = import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        if not module.name.startswith(_WRITES_NOTHING):
            yield from _of_code(_code_of(find_spec(module.name)))


def _code_of(spec: ModuleSpec | None) -> CodeType | None:
    get = getattr(spec.loader, "get_code", None) if spec is not None else None
    code = get(spec.name) if get is not None and spec is not None else None
    return code if isinstance(code, CodeType) else None


def _of_code(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, CodeType):
        for each in value.co_consts:
            yield from _of_code(each)
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _of_code(each)


def _of_templates() -> Iterator[str]:
    for file in resources.files(_TEMPLATES).joinpath("templates").iterdir():
        if file.is_file():
            yield file.read_text(encoding="utf-8")
