"""May this be the value of a key? By the same rules, and in the same words, as in the settings file."""

from __future__ import annotations

from emrnetcheck.config.errors import ConfigError


def valid(section: str, key: str, value: object) -> object:
    """The value as the settings then have it. Raises ConfigError with the value and what it must be."""
    from pydantic import ValidationError

    from emrnetcheck.config.mistakes import as_given, first_mistake, what_is_wrong
    from emrnetcheck.config.sections import Settings

    try:
        settings = Settings.model_validate({section: {key: value}})
    except ValidationError as error:
        first = first_mistake(error)
        given = first["input"]
        shown = f"{as_given(given)}: " if isinstance(given, str | int | float) else ""
        raise ConfigError(f"{shown}{what_is_wrong(first)}") from error
    found: object = getattr(getattr(settings, section), key)
    return found
