"""What the settings say about mail, and one sentence for each mistake in them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from emrnetcheck.cli.keeping import settings_text
from emrnetcheck.config import ConfigError, load
from emrnetcheck.config.answers import valid
from emrnetcheck.config.kept import load_kept
from emrnetcheck.model.mail import MailAuth, MailServer, Security
from emrnetcheck.model.mail_settings import MailSettings

LEAST = """
[email]
host = "smtp.example.org"
sender = "reports@clinic.example"
to = ["doctor@example.org"]
"""


def loaded(tmp_path: Path, text: str) -> MailSettings | None:
    file = tmp_path / "clinic.toml"
    file.write_text(text, encoding="utf-8")
    return load(file).mail


def test_without_the_section_no_mail_is_sent(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[site]\nname = "x"') is None
    assert loaded(tmp_path, "[email]") is None


def test_the_least_that_is_needed(tmp_path: Path) -> None:
    server = MailServer("smtp.example.org", 587, Security.STARTTLS, None, "clinic.example")
    assert loaded(tmp_path, LEAST) == MailSettings(server, "reports@clinic.example", ("doctor@example.org",), None)


def test_all_that_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    text = f"""
[email]
host = "smtp.example.org"
port = 2465
security = "tls"
username = "reports@clinic.example"
auth = "xoauth2"
password_source = "env:MAIL_TOKEN"
sender = "reports@clinic.example"
to = ["doctor@example.org", "it@example.org", "doctor@example.org"]
helo = "gateway.clinic.example"
ca_file = {json.dumps(str(tmp_path / "ca.pem"))}
unsubscribe = "mailto:leave@clinic.example"
"""
    assert loaded(tmp_path, text) == MailSettings(
        MailServer(
            "smtp.example.org",
            2465,
            Security.TLS,
            "reports@clinic.example",
            "gateway.clinic.example",
            MailAuth.XOAUTH2,
            str(tmp_path / "ca.pem"),
        ),
        "reports@clinic.example",
        ("doctor@example.org", "it@example.org"),
        "env:MAIL_TOKEN",
        "mailto:leave@clinic.example",
    )


@pytest.mark.parametrize(("security", "port"), [("tls", 465), ("starttls", 587)])
def test_the_port_is_that_of_the_security(security: str, port: int, tmp_path: Path) -> None:
    found = loaded(tmp_path, f'{LEAST}security = "{security}"\nusername = "office"')
    assert found is not None
    assert found.server.port == port
    assert found.password_source == "keyring"
    assert found.keyring_service == "emrnetcheck smtp.example.org"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_without_encryption_on_this_computer(host: str, tmp_path: Path) -> None:
    found = loaded(tmp_path, LEAST.replace("smtp.example.org", host) + 'security = "none"')
    assert found is not None
    assert found.server.port == 25


def changed(**keys: str) -> str:
    """The least, with these lines instead; an empty one leaves the key out."""
    lines = {"host": '"smtp.example.org"', "sender": '"a@example.org"', "to": '["b@example.org"]'} | keys
    return "[email]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items() if value)


MISTAKES = {
    "no host": (changed(host=""), '[email] host is missing: the mail server, such as "smtp.example.org"'),
    "no sender": (changed(sender=""), "[email] sender is missing: the address that mails come from"),
    "nobody": (changed(to=""), "[email] to is empty: say who gets the mails"),
    "an empty list": (changed(to="[]"), "[email] to is empty: say who gets the mails"),
    "sender": (
        changed(sender='"office"'),
        '[email] sender = "office": must be an address such as "office@example.org"',
    ),
    "a name": (changed(sender='"Clinic <a@example.org>"'), "must be the address alone, such as"),
    "a space": (changed(to='["a b@example.org"]'), '[email] to = "a b@example.org": must be an address such as'),
    "two at once": (changed(to='["a@example.org, b@example.org"]'), "must be an address such as"),
    "no list": (changed(to='"a@example.org"'), '[email] to = "a@example.org": must be a list such as'),
    "a line break": (changed(sender=r'"a@example.org\r\nBcc: x@y.example"'), "must be an address such as"),
    "letters": (changed(sender='"büro@example.org"'), "must be in plain letters"),
    "a domain of letters": (changed(to='["a@ärzte.example"]'), "a domain with others has a form that begins with xn--"),
    "no domain": (changed(to='["root@localhost"]'), "must be an address such as"),
    "dots": (changed(to='["a..b@example.org"]'), "must be an address such as"),
    "too many": (
        changed(to=json.dumps([f"a{n}@example.org" for n in range(21)])),
        "[email] to: must not be longer than 20",
    ),
    "a URL": (changed(host='"https://smtp.example.org"'), "must be a host name such as"),
    "a port too": (changed(host='"smtp.example.org:587"'), "or a port, which is a key of its own"),
    "a password before it": (
        changed(host='"smtp://u:s3cret@smtp.example.org"'),
        '[email] host = "...@smtp.example.org": must be a host name such as "smtp.example.org"',
    ),
    "a strange password before it": (changed(host='"u:s3cret/@s3cret@smtp.example.org"'), 'host = "...@smtp.example'),
    "a password elsewhere": (changed(helo='"http://u:s3cret@x.example"'), '[email] helo = "...@x.example": must be'),
    "security": (changed(security='"ssl"'), "[email] security = \"ssl\": must be 'tls', 'starttls' or 'none'"),
    "none to elsewhere": (changed(security='"none"'), 'security = "none" is for a mail server on this computer only'),
    "none to the office": (
        changed(security='"none"', host='"192.168.1.9"'),
        "not for 192.168.1.9: anybody on the way could read the mails",
    ),
    "none and a password": (
        changed(security='"none"', host='"localhost"', username='"office"'),
        'with security = "none" no password is sent',
    ),
    "465": (changed(port="465"), 'port = 465 goes with security = "tls": set that, or leave the port out.'),
    "587": (changed(port="587", security='"tls"'), 'port = 587 goes with security = "starttls"'),
    "port 0": (changed(port="0"), "[email] port = 0: must be greater than or equal to 1"),
    "a password": (
        changed(password='"s3cret"'),
        'the key password in [email] is not known: did you mean "password_source"?',
    ),
    "the password itself": (
        changed(username='"a"', password_source='"s3cret"'),
        '[email] password_source: must say where the password is kept: "keyring", "env:NAME" or "file:PATH".',
    ),
    "a source and nobody": (changed(password_source='"env:X"'), "password_source is set, but username is not"),
    "a token and nobody": (changed(auth='"xoauth2"'), "auth is set, but username is not"),
    "no such file": (changed(ca_file='"/nowhere/ca.pem"'), "ca_file: there is no file /nowhere/ca.pem"),
    "helo": (changed(helo='"my pc"'), '[email] helo = "my pc": must be a host name'),
    "unsubscribe": (changed(unsubscribe='"leave us"'), '[email] unsubscribe = "leave us": must be such as "mailto:'),
    "a header in it": (changed(unsubscribe=r'"https://x.example/\r\nBcc: y"'), "must be such as"),
}


@pytest.mark.parametrize(("text", "told"), MISTAKES.values(), ids=MISTAKES)
def test_each_mistake_has_a_sentence(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, text)
    said = str(error.value)
    assert told in said
    assert "s3cret" not in said
    assert said.startswith("In ")
    assert "\n" not in said


def test_an_answer_is_told_without_a_password_too() -> None:
    with pytest.raises(ConfigError, match="must be a host name") as error:
        valid("email", "host", "smtp://u:s3cret@smtp.example.org")
    assert "s3cret" not in str(error.value)


def test_the_home_folder_may_be_written_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERPROFILE" if os.name == "nt" else "HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_text("")
    found = loaded(tmp_path, LEAST + 'ca_file = "~/ca.pem"')
    assert found is not None
    assert found.server.ca_file == str(tmp_path / "ca.pem")


def test_status_does_not_read_this_section(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text('[site]\nname = "Elm"\n[email]\nhost = 3\n')
    assert load_kept(file).name == "Elm"


def test_nothing_about_mail_is_kept_beside_a_report(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text(LEAST)
    kept = settings_text(load(file))
    assert "example.org" not in kept
    assert "mail" not in json.loads(kept)
