"""What is wrong with settings of which each alone is right?"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from emrnetcheck.config.errors import ConfigError
from emrnetcheck.config.mail import check_mail
from emrnetcheck.config.mistakes import cut, one_word
from emrnetcheck.config.sections import Settings
from emrnetcheck.model import Failure
from emrnetcheck.net import secrets


def check_together(settings: Settings, file: Path) -> None:
    """What no single key can tell."""
    if settings.upload.minimum_mbps > settings.upload.recommended_mbps:
        raise ConfigError(
            f"In {file}, [upload] minimum_mbps = {settings.upload.minimum_mbps:g} is above recommended_mbps = "
            f"{settings.upload.recommended_mbps:g}: make it the smaller one."
        )
    _check_token(settings, file)
    check_mail(settings.email, file)
    if settings.limits:
        _check_limits(settings, file)


def _check_limits(settings: Settings, file: Path) -> None:
    from emrnetcheck.checks import EVERY  # on use: they take longer to load than all of the settings

    by_id = {check.id: check for check in EVERY}
    for check_id, limits in settings.limits.items():
        if check_id not in by_id:
            raise ConfigError(f"In {file}, [limits] {one_word(check_id)} is no check: known are {', '.join(by_id)}.")
        known = [item.name for item in fields(by_id[check_id].limits)]
        for name in limits:
            if name not in known:
                raise ConfigError(
                    f"In {file}, [limits] {check_id}.{one_word(name)} is no limit of that check: "
                    f"known are {', '.join(known)}."
                )


def _check_token(settings: Settings, file: Path) -> None:
    """A token that cannot be read is found before it is needed; it goes to responders over HTTPS only."""
    outside, lan = settings.outside, settings.lan
    office = [lan.responder] if lan.responder is not None else []
    asked = [*settings.upload.servers, *(outside.services if outside.consent else ())]
    _check_readable("outside", outside.responder_token, [*asked, *([] if lan.responder_token else office)], file)
    _check_readable("lan", lan.responder_token, office, file)


def _check_readable(section: str, source: str, asked: list[str], file: Path) -> None:
    if source and any(service.startswith("responder+https:") for service in asked):
        token = secrets.read(source)
        if isinstance(token, Failure):
            where = cut(json.dumps(source))
            raise ConfigError(f"In {file}, [{section}] responder_token = {where}: {token.detail or token.in_words()}.")
