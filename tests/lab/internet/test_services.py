"""STUN, the address services, the port service and TLS of the lab, asked by clients in its namespace."""

from __future__ import annotations

import pytest

from tests.lab.internet import AddressServices, EchoIp, InternetPlan, Service
from tests.lab.internet import addresses as at
from tests.lab.internet.conftest import Running, Starter
from tests.lab.internet.witnesses import WRONG_ADDRESS

pytestmark = pytest.mark.lab


@pytest.mark.parametrize(
    ("address", "port"),
    [(at.STUN_CLOUDFLARE, at.STUN_CLOUDFLARE_PORT), (at.STUN_GOOGLE, at.STUN_GOOGLE_PORT)],
)
def test_stun_tells_the_caller_its_address_and_port(healthy: Running, address: str, port: int) -> None:
    mapped, mapped_port, own, own_port = healthy.host.call("stun", address, port)
    assert (mapped, mapped_port) == (own, own_port)


@pytest.mark.parametrize(
    ("name", "address", "newline"),
    [
        ("ipv4.icanhazip.com", at.ICANHAZIP, "\n"),
        ("checkip.amazonaws.com", at.CHECKIP, "\n"),
        ("api.ipify.org", at.IPIFY, ""),
    ],
)
def test_address_service_answers_the_caller_over_trusted_tls(
    healthy: Running, name: str, address: str, newline: str
) -> None:
    said = healthy.host.call("get", f"https://{name}/", ca_path=healthy.internet.ca_path)
    # On one machine a connection to a local address comes from that address.
    assert (said["status"], said["text"]) == (200, address + newline)


def test_openssl_verifies_a_server_by_the_lab_ca_and_python_does_not_without_it(healthy: Running) -> None:
    argv = ["openssl", "s_client", "-connect", f"{at.ECHOIP}:443", "-servername", "echoip.example.org"]
    argv += ["-verify_hostname", "echoip.example.org", "-verify_return_error", "-x509_strict"]
    said = healthy.host.run(["sh", "-c", '"$@" </dev/null', "sh", *argv, "-CAfile", str(healthy.internet.ca_path)])
    assert "Verify return code: 0 (ok)" in said.stdout
    assert healthy.host.call("trusted_without_ca", "echoip.example.org") is False


@pytest.mark.parametrize("url", ["https://echoip.example.org", f"http://{at.ECHOIP}"])
@pytest.mark.parametrize("listen", [True, False])
def test_port_service_tells_whether_the_callers_port_is_open(healthy: Running, url: str, listen: bool) -> None:
    said = healthy.host.call("port_test", url, listen, ca_path=healthy.internet.ca_path)
    assert (said["ip"], said["reachable"]) == (at.ECHOIP, listen)


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_port_service_refuses_what_is_no_port(healthy: Running, port: str) -> None:
    assert healthy.host.call("get", f"http://{at.ECHOIP}/port/{port}")["status"] == 400


def test_port_service_lies_and_one_address_service_is_wrong_where_the_plan_says_so(start: Starter) -> None:
    running = start(InternetPlan(echoip=EchoIp.LYING, address_services=AddressServices.ONE_WRONG, stun=Service.DEAD))
    ca_path = running.internet.ca_path
    assert running.host.call("port_test", f"http://{at.ECHOIP}", False)["reachable"] is True
    assert running.host.call("port_test", f"http://{at.ECHOIP}", True)["reachable"] is False
    assert running.host.call("get", "https://api.ipify.org/", ca_path=ca_path)["text"] == WRONG_ADDRESS
    assert running.host.call("get", "https://checkip.amazonaws.com/", ca_path=ca_path)["text"] == f"{at.CHECKIP}\n"
    with pytest.raises(AssertionError, match="ConnectionRefusedError"):
        running.host.call("stun", at.STUN_GOOGLE, at.STUN_GOOGLE_PORT)


def test_services_refuse_connections_where_the_plan_has_them_down(start: Starter) -> None:
    running = start(InternetPlan(echoip=EchoIp.DEAD, address_services=AddressServices.ALL_DOWN))
    for url in (f"http://{at.ECHOIP}/ip", f"https://{at.ICANHAZIP}/"):
        with pytest.raises(AssertionError, match="Connection refused"):
            running.host.call("get", url)
