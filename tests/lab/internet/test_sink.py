"""The lab's throughput servers, used by real clients; what the sink counted is compared with what was sent."""

from __future__ import annotations

import pytest

from tests.lab.internet import InternetPlan, SinkMode, bytes_between
from tests.lab.internet import addresses as at
from tests.lab.internet.conftest import Running, Starter
from tests.lab.internet.sink import DISCARDED, STALL_AFTER_BYTES

pytestmark = pytest.mark.lab

LIBRESPEED = f"http://{at.LIBRESPEED_HTTP}/backend/empty.php"


def counted(running: Running, server: str) -> int:
    return sum(slot.total(server) for slot in running.internet.sink_log())


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (f"{LIBRESPEED}?r=0.5", "librespeed-http"),
        ("https://speed.example.org/empty", "librespeed-https"),
        ("https://speed.cloudflare.com/__up?bytes=1234567", "cloudflare"),
        (f"http://{at.SPEEDTEST_SERVERS[1]}:8080/speedtest/upload.php", "speedtest2"),
    ],
)
def test_sink_counts_exactly_the_body_that_was_posted(healthy: Running, url: str, server: str) -> None:
    before = counted(healthy, server)
    said = healthy.host.call("post", url, 1_234_567, ca_path=healthy.internet.ca_path)
    assert said["status"] == 200
    assert counted(healthy, server) - before == 1_234_567
    # A slot that the window's ends cut is shared out, so the window is a slot wider on each side.
    window = bytes_between(healthy.internet.sink_log(), said["t0"] - 0.02, said["t1"] + 0.02, server=server)
    assert window == pytest.approx(1_234_567, rel=1e-5)


def test_kept_alive_connection_counts_every_post(healthy: Running) -> None:
    before = counted(healthy, "librespeed-http")
    assert healthy.host.call("one_connection", LIBRESPEED, [0, 1, 300_000, 7, 1_000_000]) == [200] * 5
    assert counted(healthy, "librespeed-http") - before == 1_300_008


def test_cloudflare_names_its_time_and_the_bytes_it_took(healthy: Running) -> None:
    ca_path = healthy.internet.ca_path
    up = healthy.host.call("post", "https://speed.cloudflare.com/__up?bytes=5000", 5000, ca_path=ca_path)
    assert up["headers"]["cf-meta-upload-bytes"] == "5000"
    assert up["headers"]["server-timing"].startswith("cfRequestDuration;dur=")
    assert healthy.host.call("get", "https://speed.cloudflare.com/__down?bytes=3000", ca_path=ca_path)["length"] == 3000
    too_large = healthy.host.call("get", "https://speed.cloudflare.com/__down?bytes=100000000", ca_path=ca_path)
    assert too_large["status"] == 403


def test_librespeed_serves_ping_garbage_and_the_callers_address(healthy: Running) -> None:
    base = f"http://{at.LIBRESPEED_HTTP}/backend"
    assert healthy.host.call("get", f"{base}/empty.php?r=1")["length"] == 0
    assert healthy.host.call("get", f"{base}/garbage.php?ckSize=2")["length"] == 2 * 1024 * 1024
    assert f'"{at.LIBRESPEED_HTTP}"' in healthy.host.call("get", f"{base}/getIP.php?isp=true")["text"]


def test_speedtest_cli_runs_whole_and_its_bytes_are_the_sinks(healthy: Running) -> None:
    pytest.importorskip("speedtest")
    servers = ("speedtest1", "speedtest2")  # equally near here: either may win
    before = sum(counted(healthy, server) for server in servers)
    said = healthy.host.call("speedtest_cli", ca_path=healthy.internet.ca_path)
    assert said["client"] == at.SPEEDTEST_NET
    assert said["servers"] == ["speedtest1.example.org:8080", "speedtest2.example.org:8080"]
    assert said["best"] in said["servers"]
    assert said["upload_bps"] > 0
    # Its uploads end with the last byte here: nothing limits them, so none is cut off by its deadline.
    assert sum(counted(healthy, server) for server in servers) - before == said["sent"]
    assert said["received"] == 4 * (245_388 + 505_544)


def test_iperf3_receives(healthy: Running) -> None:
    said = healthy.host.run(["iperf3", "-c", at.IPERF3, "-n", "5M", "-J"]).stdout
    assert '"sum_received"' in said


def test_413_comes_before_the_body_and_nothing_counts_as_accepted(start: Starter) -> None:
    running = start(InternetPlan(sink=SinkMode.REJECT_413))
    said = running.host.call("slow_post", at.LIBRESPEED_HTTP, 80, "/empty.php", 500_000)
    assert said["early"] == "HTTP/1.1 413 Request Entity Too Large"
    assert counted(running, "librespeed-http") == 0
    assert counted(running, f"librespeed-http{DISCARDED}") == 500_000
    assert running.host.call("post", LIBRESPEED, 2_000_000)["status"] == 413


def test_early_200_comes_before_the_body(start: Starter) -> None:
    running = start(InternetPlan(sink=SinkMode.EARLY_200))
    said = running.host.call("slow_post", at.LIBRESPEED_HTTP, 80, "/empty.php", 500_000)
    assert (said["early"], said["end"]) == ("HTTP/1.1 200 OK", "all sent")
    running.host.wait_for(lambda: counted(running, "librespeed-http") == 500_000, timeout_s=2, what="the body")


def test_stalling_sink_stops_reading(start: Starter) -> None:
    running = start(InternetPlan(sink=SinkMode.STALL))
    said = running.host.call("slow_post", at.LIBRESPEED_HTTP, 80, "/empty.php", 50_000_000)
    assert (said["early"], said["end"]) == ("TimeoutError", "TimeoutError")
    assert counted(running, "librespeed-http") == STALL_AFTER_BYTES


def test_resetting_sink_breaks_the_connection_mid_body(start: Starter) -> None:
    running = start(InternetPlan(sink=SinkMode.RESET))
    said = running.host.call("slow_post", at.LIBRESPEED_HTTP, 80, "/empty.php", 50_000_000)
    assert said["end"] in ("ConnectionResetError", "BrokenPipeError")
    assert counted(running, "librespeed-http") == STALL_AFTER_BYTES


def test_dead_sink_refuses_connections(start: Starter) -> None:
    running = start(InternetPlan(sink=SinkMode.DEAD))
    with pytest.raises(AssertionError, match="Connection refused"):
        running.host.call("post", LIBRESPEED, 10)
    assert running.internet.sink_log() == []
