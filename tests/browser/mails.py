"""How do mail programs show a page that came by mail: with its pictures, without them, without the head of the page?"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import UTC, timedelta

from emrnetcheck.model.mail import Composed
from emrnetcheck.unattended.late import marked_late
from tests.reports.mail.samples import page_of, pictures_of, read

_HEAD = re.compile(r"<head>.*?</head>", re.DOTALL)
_CLASS = re.compile(r' class="[^"]*"')


def shown(composed: Composed) -> str:
    """As a program on a desk shows it: each picture is found by its Content-ID."""
    message = read(composed)
    page = page_of(message)
    for name, png in pictures_of(message).items():
        page = page.replace(f"cid:{name}", "data:image/png;base64," + base64.b64encode(png).decode())
    return page


def without_pictures(composed: Composed) -> str:
    """As most show it at first: until somebody asks for the pictures, there are only the words for them."""
    return re.sub(r'src="cid:[^"]*"', 'src="data:,"', page_of(read(composed)))


def stripped(composed: Composed) -> str:
    """As in a web mail that keeps neither the head of a page nor its classes."""
    page = _HEAD.sub('<head><meta charset="utf-8"><title>Web mail</title></head>', shown(composed))
    return _CLASS.sub("", page)


def late(composed: Composed) -> str:
    """One that had to wait, as it is sent then."""
    written = composed.composed_at
    message = marked_late(composed.message, written, written + timedelta(days=3), written.tzinfo or UTC)
    return shown(replace(composed, message=message))


CLIENTS = {"shown": shown, "without_pictures": without_pictures, "stripped": stripped, "late": late}
