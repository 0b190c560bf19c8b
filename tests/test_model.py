"""The vocabulary is closed and every word of it can be said."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from emrnetcheck.config import Settings
from emrnetcheck.model import FAILURE_WORDS, Failure, FailureKind, Site


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_of_failure_has_words(kind: FailureKind) -> None:
    words = FAILURE_WORDS[kind]
    assert words
    assert words == words.strip()
    assert not words.endswith(".")
    assert Failure(kind).in_words() == words


def test_a_failure_says_what_was_tried_with_whom() -> None:
    failure = Failure(FailureKind.TIMEOUT, "connect", "192.168.1.1:80", "after 3 tries")
    assert failure.in_words() == "no answer in time: after 3 tries (connect 192.168.1.1:80)"
    assert Failure(FailureKind.TIMEOUT, target="x:1").in_words() == "no answer in time (x:1)"
    assert Failure(FailureKind.TIMEOUT, "connect").in_words() == "no answer in time (connect)"


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Failure(FailureKind.TIMEOUT).kind = FailureKind.OTHER  # type: ignore[misc]


def test_the_defaults_of_the_site_are_those_of_the_settings() -> None:
    site, settings = Site(), Settings()
    told = {
        **settings.emr.model_dump(),
        **settings.internet.model_dump(),
        "name": settings.site.name,
        "minimum_mbps": settings.upload.minimum_mbps,
        "recommended_mbps": settings.upload.recommended_mbps,
        "upload_servers": settings.upload.servers,
        "max_mb": settings.upload.max_mb,
        "peers": settings.lan.peers,
        "outside_services": settings.outside.services,
        "outside_consent": settings.outside.consent,
        "responder_token": settings.outside.responder_token,
        "limits": settings.limits,
        "emr_declared": False,
    }
    for item in fields(site):
        default, value = told[item.name], getattr(site, item.name)
        default = tuple(default) if isinstance(default, list) else default
        assert (default or None) == (value or None), item.name  # "" in the settings is None in the site
