"""Which settings are in force, what is wrong with a settings file, and how is one written? TOML in, a Site out."""

from __future__ import annotations

from emrnetcheck.config.accepted import accepted_file, code_as_kept, read_accepted, write_accepted
from emrnetcheck.config.errors import ConfigError
from emrnetcheck.config.loading import find_file, load

__all__ = ["ConfigError", "accepted_file", "code_as_kept", "find_file", "load", "read_accepted", "write_accepted"]
