"""What is raised for a mistake in the settings?"""

from __future__ import annotations


class ConfigError(Exception):
    """A mistake in the settings, as one sentence that names the key and how to mend it."""
