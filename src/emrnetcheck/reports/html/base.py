"""How is a template filled to one page that needs nothing else, runs nothing and asks nobody?"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Protocol

from emrnetcheck.reports.wording import clean, sentence

if TYPE_CHECKING:
    from jinja2 import Environment


class Shown(Protocol):
    """What a page needs of a picture."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def alt(self) -> str: ...
    @property
    def png(self) -> bytes: ...
    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...


def fill(template: str, **values: object) -> str:
    """The page. Every value is cleaned and escaped where it is put in; a value that is missing is an error."""
    style = _text("style.css")
    return _environment().get_template(template).render(style=_marked(style), policy=policy_for(style), **values)


def policy_for(style: str) -> str:
    """What the page may use: this one style sheet and pictures inside the page. No script, no form, no address."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def pictures_for(pictures: Sequence[Shown], dark: Sequence[Shown]) -> list[dict[str, object]]:
    """Pictures as addresses that hold them, each with its twin for dark screens if there is one."""
    twins = {each.name: each.png for each in dark}
    return [
        {"shown": each, "address": _address(each.png), "dark": _address(twins[each.name]) if each.name in twins else ""}
        for each in pictures
    ]


def _address(png: bytes) -> str:
    return _marked("data:image/png;base64," + b64encode(png).decode("ascii"))


def _marked(text: str) -> str:
    """Ours, and safe: neither escaped nor cut."""
    from markupsafe import Markup

    return Markup(text)


def template_text(name: str) -> str:
    """A file of the templates that is put into a page as it is: ours, and safe."""
    return _marked(_text(name))


def _text(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    # Imported on use: what measures must not wait for it.
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["sentence"] = sentence
    return environment


def _cleaned(value: object) -> object:
    """Text without control and direction characters; what is marked as ours has a `__html__`."""
    return clean(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
