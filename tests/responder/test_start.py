"""From the command line to what runs: certificates, tokens, addresses, and what is refused in a sentence."""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from emrnetcheck.net import routes
from emrnetcheck.net.accepting import listen
from emrnetcheck.responder.certificate import CertificateError, Files, fingerprint, self_made
from emrnetcheck.responder.limits import DEFAULT_PORTS, OFFICE
from emrnetcheck.responder.start import CannotStartError, Prepared, Wish, prepare
from tests.cli.conftest import Call, call  # noqa: F401 - a fixture

HERE = "127.0.0.1"
LOCAL = Wish(bind=(HERE,), port=0)
SECRET = "0123456789abcdef"


@pytest.fixture
def prepared() -> Iterator[list[Prepared]]:
    """Those put in it are closed."""
    made: list[Prepared] = []
    yield made
    for each in made:
        for listener in each.running.listeners:
            listener.close()


def test_a_certificate_of_its_own_stays(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    files = self_made("vps.example.org", folder)
    assert self_made("vps.example.org", folder) == files
    first = fingerprint(files.certificate)
    assert fingerprint(self_made("vps.example.org", folder).certificate) == first
    assert fingerprint(self_made("93.184.216.34", folder).certificate) != first
    made = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    assert made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName
    ) == ["vps.example.org"]
    if os.name == "posix":
        assert stat.S_IMODE(files.key.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "fe80::1"])
def test_a_name_leads_out_of_no_folder(name: str, tmp_path: Path) -> None:
    try:
        files = self_made(name, tmp_path)
    except ValueError:
        return
    assert files.certificate.parent == tmp_path


def test_a_file_that_is_no_certificate(tmp_path: Path) -> None:
    file = tmp_path / "x.pem"
    file.write_bytes(b"\xff\xfe nothing")
    with pytest.raises(CertificateError, match="no certificate"):
        fingerprint(file)
    with pytest.raises(CertificateError, match="cannot be read"):
        fingerprint(tmp_path / "none.pem")


def test_the_line_for_the_settings(prepared: list[Prepared], tmp_path: Path) -> None:
    prepared.append(prepare(LOCAL))
    prepared.append(prepare(replace(LOCAL, self_signed="vps.example.org", folder=tmp_path)))
    plain, secure = prepared
    assert plain.service.startswith("responder+http://127.0.0.1:")
    assert secure.service.startswith("responder+https://vps.example.org:")
    assert secure.service.endswith(f"#sha256={fingerprint(tmp_path / 'vps.example.org.pem')}")
    assert plain.rules.ports == DEFAULT_PORTS


def test_where_its_name_is_not_known_the_line_says_host(prepared: list[Prepared], tmp_path: Path) -> None:
    files = self_made(HERE, tmp_path)
    everywhere = replace(LOCAL, bind=("0.0.0.0",))
    prepared.append(prepare(everywhere))
    prepared.append(prepare(replace(LOCAL, files=files)))
    prepared.append(prepare(replace(everywhere, self_signed=HERE, folder=tmp_path)))
    prepared.append(prepare(LOCAL))
    assert [each.host_is_open for each in prepared] == [True, True, False, False]
    assert prepared[0].service.startswith("responder+http://HOST:")
    assert prepared[1].service.startswith("responder+https://HOST:")


def test_ports_are_added_or_replaced(prepared: list[Prepared]) -> None:
    prepared.append(prepare(replace(LOCAL, allow_ports=frozenset({9443}))))
    prepared.append(prepare(replace(LOCAL, only_ports=frozenset({8443}), allow_ports=frozenset({9443}))))
    assert prepared[0].rules.ports == DEFAULT_PORTS | {9443}
    assert prepared[1].rules.ports == {8443, 9443}


def test_a_token_is_read_and_never_shown(prepared: list[Prepared], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONDER", SECRET)
    prepared.append(prepare(replace(LOCAL, token_source="env:RESPONDER")))
    assert prepared[0].rules.token == SECRET
    assert SECRET not in repr(prepared[0])


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (replace(LOCAL, token_source=SECRET), "not typed"),
        (replace(LOCAL, token_source="env:NOT_THERE_AT_ALL"), "cannot be had"),
        (replace(LOCAL, token_source="env:SHORT"), "too short"),
        (replace(LOCAL, bind=("0.0.0.0",), token_source="env:RESPONDER"), "plain HTTP"),
        (replace(LOCAL, bind=("localhost",)), "no IP address"),
        (replace(LOCAL, bind=("192.0.2.77",)), "cannot listen"),
        (replace(LOCAL, files=Files(Path("none.pem"), Path("none.key"))), "cannot be used"),
        (replace(LOCAL, lan=True), "no address on an office network"),
        (replace(LOCAL, lan=True, bind=("192.168.77.77",)), "no address of this computer"),
        (replace(LOCAL, lan=True, bind=(HERE, "127.0.0.2")), "one address"),
    ],
)
def test_what_cannot_start_says_why(wish: Wish, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONDER", SECRET)
    monkeypatch.setenv("SHORT", "abc")
    with pytest.raises(CannotStartError, match=said) as raised:
        prepare(wish)
    assert SECRET not in str(raised.value)


def test_in_an_office(prepared: list[Prepared], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from emrnetcheck.responder import start

    monkeypatch.setattr(routes, "own_network", lambda _address: ipaddress.ip_network("192.168.1.0/24"))
    monkeypatch.setattr(start, "listen", lambda _address, port: listen(HERE, port))
    prepared.append(prepare(Wish(bind=("192.168.1.20",), lan=True, folder=tmp_path)))
    made = prepared[0]
    assert made.service.startswith("responder+https://192.168.1.20:")
    assert made.rules.token == made.made_token
    assert made.made_token
    assert made.made_token not in repr(made)
    assert made.running.exit_after_s == 600
    assert made.rules.limits is OFFICE
    assert [made.running.served(each) for each in ("192.168.1.10", "8.8.8.8", HERE)] == [True, False, False]
    assert [made.rules.may_dial(each) for each in ("192.168.1.10", "8.8.8.8", HERE)] == [True, False, False]


def test_its_own_network_is_known() -> None:
    assert routes.own_network(HERE) == ipaddress.ip_network("127.0.0.0/8")
    assert routes.own_network("192.0.2.254") is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--certificate", "x.pem"), "belong together"),
        (("--self-signed", "a b"), "host name"),
        (("--self-signed", "vps.example.org:8444"), "host name"),
        (("--self-signed", "../x"), "host name"),
        (("--self-signed", "a..b"), "host name"),
        (("--self-signed", ".."), "host name"),
        (("--self-signed", "-a.example"), "host name"),
        (("--self-signed", "a", "--certificate", "x", "--key", "y"), "choose"),
        (("--allow-port", "0"), "no port"),
        (("--exit-after", "soon"), "no time"),
        (("--bind", "nowhere"), "no IP address"),
    ],
)
def test_the_command_refuses_in_a_sentence(call: Call, options: tuple[str, ...], said: str) -> None:  # noqa: F811
    ended = call("responder", *options)
    assert ended.status == 2
    assert said in ended.err
    assert ended.out == ""


def test_without_its_parts_it_says_how_to_get_them(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "uvicorn" else object())
    ended = call("responder")
    assert ended.status == 2
    assert 'uvicorn too: pip install "emrnetcheck[responder]"' in ended.err
