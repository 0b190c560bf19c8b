"""emrnetcheck setup: asks for what cannot be found out, and writes the settings file."""

from __future__ import annotations

from emrnetcheck.cli.setup.command import setup

__all__ = ["setup"]
