"""Which settings file is it, and what does it say? TOML in, a Site out."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from emrnetcheck.config.accepted import accepted_file, read_accepted
from emrnetcheck.config.errors import ConfigError
from emrnetcheck.model import Access, Site
from emrnetcheck.model.alerts import AlertLevel, Rule
from emrnetcheck.model.schedule import LoadTests, Schedule
from emrnetcheck.profiles import PROFILES

if TYPE_CHECKING:
    from emrnetcheck.config.sections import AlertsSection, Settings

FILE_NAME = "emrnetcheck.toml"
ENVIRONMENT_NAME = "EMRNETCHECK_CONFIG"


def find_file(given: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file to use: --config, $EMRNETCHECK_CONFIG, the user's folder, the site's; None if there is none.

    Raises ConfigError if the one that was named does not exist.
    """
    named = given or (Path(environ[ENVIRONMENT_NAME]) if environ.get(ENVIRONMENT_NAME) else None)
    if named is not None:
        if not _is_file(named):
            raise ConfigError(f"The settings file {named} does not exist: check the path, or leave it out.")
        return named
    folders = (platformdirs.user_config_path("emrnetcheck"), platformdirs.site_config_path("emrnetcheck"))
    return next((folder / FILE_NAME for folder in folders if _is_file(folder / FILE_NAME)), None)


def _is_file(path: Path) -> bool:
    """Path.is_file raises where a folder on the way may not be entered."""
    try:
        return path.is_file()
    except OSError:
        return False


def load(file: Path | None) -> Site:
    """The settings of `file` (None: all defaults), with what was accepted beside it. Raises ConfigError."""
    return replace(_settings(file), accepted=read_accepted(accepted_file(file)))


def _settings(file: Path | None) -> Site:
    if file is None:
        return Site()
    return site_of(tables(read(file), file), file)


def read(file: Path) -> str:
    """The text of a settings file, as it is. Raises ConfigError."""
    try:
        return file.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigError(f"The settings file {file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The settings file {file} is not in UTF-8: save it again in that encoding.") from error


def tables(text: str, file: Path) -> dict[str, object]:
    """What the text says, unjudged. Raises ConfigError where it is not TOML."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))  # Windows' Notepad may put that mark in front
    except (ValueError, RecursionError) as error:  # not TOML, numbers of thousands of digits, brackets without end
        raise ConfigError(f"The settings file {file} is not valid TOML: {error}.") from error


def site_of(raw: dict[str, object], file: Path) -> Site:
    """The settings that a file of that name has, judged by all rules. Raises ConfigError."""
    # On use: the history's commands must not wait for all the sections to be made where there is no such file.
    from pydantic import ValidationError

    from emrnetcheck.config.mistakes import in_one_sentence
    from emrnetcheck.config.sections import Settings
    from emrnetcheck.config.together import check_together

    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(in_one_sentence(error, file)) from error
    check_together(settings, file)
    return _site(settings)


def _site(settings: Settings) -> Site:
    from emrnetcheck.config.mail import mail_of  # beside the sections, which are loaded on use

    emr, upload, internet = settings.emr, settings.upload, settings.internet
    profile = PROFILES[emr.profile]
    return Site(
        name=settings.site.name,
        hostname=emr.hostname,
        access=Access(emr.access),
        port=emr.port if "port" in emr.model_fields_set else profile.port,
        path=emr.path if "path" in emr.model_fields_set else profile.path,
        profile=emr.profile,
        lan_address=emr.lan_address,
        addressing=emr.addressing,
        users=emr.users,
        workload=emr.workload,
        emr_declared=emr.hostname is not None or emr.lan_address is not None or emr.access != "direct",
        minimum_mbps=upload.minimum_mbps,
        recommended_mbps=upload.recommended_mbps,
        upload_servers=tuple(upload.servers),
        max_mb=upload.max_mb,
        peers=tuple(settings.lan.peers),
        lan_responder=settings.lan.responder,
        lan_responder_token=settings.lan.responder_token or None,
        resolvers=tuple(internet.resolvers),
        address_services=tuple(internet.address_services),
        address_services_v6=tuple(internet.address_services_v6),
        stun=tuple(internet.stun),
        whoami=tuple(internet.whoami),
        wan_address=internet.wan_address or None,
        dns_over_https=tuple(internet.dns_over_https),
        no_dns_addresses=tuple(internet.no_dns_addresses),
        path_towards=tuple(settings.path.towards),
        outside_services=tuple(settings.outside.services),
        outside_consent=settings.outside.consent,
        responder_token=settings.outside.responder_token or None,
        alerts=alerts_of(settings.alerts),
        history_url=settings.history.url or None,
        history_keep_days=settings.history.keep_days,
        mail=mail_of(settings.email),
        schedule=_schedule(settings),
        limits=settings.limits,
    )


def _schedule(settings: Settings) -> Schedule:
    section = settings.schedule
    return Schedule(
        check=tuple(section.check),
        look=tuple(section.look),
        report=tuple(section.report),
        clinic_hours=tuple(section.clinic_hours),
        load_tests=LoadTests(section.load_tests),
        spread_minutes=section.spread_minutes,
        ping_url=section.ping_url or None,
    )


def alerts_of(section: AlertsSection) -> Rule:
    """[alerts] as what the alarms go by."""
    bad, of = section.confirm.split(" of ")
    return Rule(
        bad=int(bad),
        of=int(of),
        level=AlertLevel(section.level),
        per_day=section.per_day,
    )
