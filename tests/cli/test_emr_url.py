"""What may be given as the EMR's address, and what is said of what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.cli.emr_url import EmrUrl, UrlError, parse_url

RIGHT = [
    ("https://emr.example.org:8443/oscar/", EmrUrl("https", "emr.example.org", 8443, "/oscar/")),
    ("emr.example.org", EmrUrl("https", "emr.example.org", 443, "/")),
    ("emr.example.org:8443", EmrUrl("https", "emr.example.org", 8443, "/")),
    ("emr.example.org:8443/oscar", EmrUrl("https", "emr.example.org", 8443, "/oscar")),
    ("http://emr.example.org/oscar", EmrUrl("http", "emr.example.org", 80, "/oscar")),
    ("HTTPS://EMR.Example.ORG./x?y=1#z", EmrUrl("https", "emr.example.org", 443, "/x?y=1")),
    (" https://emr.example.org/ ", EmrUrl("https", "emr.example.org", 443, "/")),
    ("https://192.168.1.10:8443/", EmrUrl("https", "192.168.1.10", 8443, "/")),
    ("https://[2001:db8::1]:8443/", EmrUrl("https", "2001:db8::1", 8443, "/")),
    ("https://praxis-müller.example/", EmrUrl("https", "xn--praxis-mller-klb.example", 443, "/")),
    ("emr", EmrUrl("https", "emr", 443, "/")),
]
WRONG = [
    ("", "as the browser shows it"),
    ("   ", "as the browser shows it"),
    ("https://", "no name"),
    ("https://emr.example.org:99999/", "from 1 to 65535"),
    ("https://emr.example.org:0/", "from 1 to 65535"),
    ("https://emr.example.org:port/", "from 1 to 65535"),
    ("https://emr.example.org:-1/", "from 1 to 65535"),
    ("ftp://emr.example.org/", "ftp:// is not"),
    ("file:///etc/passwd", "file:// is not"),
    ("https://user:secret@emr.example.org/", "user name and the password"),
    ("https://user@emr.example.org/", "user name and the password"),
    ("https://emr example.org/", "as the browser shows it"),
    ("https://emr\x1b[31m.example.org/", "as the browser shows it"),
    ("https://-emr.example.org/", "no name"),
    ("https://1.2.3.400/", "looks like an IP address"),
    ("https://[2001:db8::1/", "makes no sense"),
    ("https://" + "a" * 70 + ".org/", "no name"),
    ("https://" + "x" * 3000, "as the browser shows it"),
]


@pytest.mark.parametrize(("text", "meant"), RIGHT, ids=[text for text, _ in RIGHT])
def test_what_a_browser_shows_is_understood(text: str, meant: EmrUrl) -> None:
    assert parse_url(text) == meant


@pytest.mark.parametrize(("text", "said"), WRONG, ids=[repr(text[:40]) for text, _ in WRONG])
def test_what_is_wrong_is_said_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(UrlError, match=said) as error:
        parse_url(text)
    assert str(error.value).endswith(".")
    assert str(error.value).isprintable()
    assert "secret" not in str(error.value)


@given(st.text(max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        found = parse_url(text)
    except UrlError:
        return  # its words are looked at above
    assert found.host
    assert 0 < found.port <= 65_535
