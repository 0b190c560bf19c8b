"""emrnetcheck run: exit statuses, where the report goes, and mistakes told in one sentence."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck import probes
from emrnetcheck.cli.standard_output import OutputError
from emrnetcheck.evidence import Seen
from emrnetcheck.model import Failure, FailureKind, Mode
from emrnetcheck.probes.context import Probe
from emrnetcheck.reports import json as report_json
from tests.checks import builders as b
from tests.cli.conftest import Call, Clinic, Ended

SLOW = replace(b.HEALTHY, upload=b.upload(3.5))
BROKEN = replace(b.HEALTHY, port=b.port(b.outside(False), **b.DOWN))
UNTOLD = replace(b.HEALTHY, upload=None)


def one_sentence(ended: Ended) -> str:
    """What a mistake says: on stderr, one line, no traceback; nothing on stdout."""
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert ended.err.count("\n") == 1
    return ended.err.strip()


@pytest.mark.parametrize(
    ("seen", "options", "status"),
    [
        (b.HEALTHY, [], 0),
        (b.HEALTHY, ["--strict"], 0),
        (SLOW, [], 0),
        (SLOW, ["--strict"], 1),
        (BROKEN, [], 1),
        (UNTOLD, [], 3),
        (UNTOLD, ["--strict"], 3),
        (Seen(), [], 3),
    ],
    ids=[
        "ready",
        "ready, strict",
        "warnings",
        "warnings, strict",
        "not ready",
        "not told",
        "not told, strict",
        "nothing",
    ],
)
def test_each_verdict_has_its_exit_status(
    call: Call, clinic: Clinic, settings: Path, seen: Seen, options: list[str], status: int
) -> None:
    clinic(seen)
    ended = call("run", "--config", settings, "--quiet", *options)
    assert ended.status == status
    assert ended.err == ""
    assert ended.out


@pytest.mark.parametrize("mode", [[], ["--quick"], ["--thorough"]], ids=["standard", "quick", "thorough"])
def test_json_is_alone_on_standard_output(call: Call, clinic: Clinic, settings: Path, mode: list[str]) -> None:
    ended = call("--config", settings, "--format", "json", *mode)
    report = json.loads(ended.out)
    assert report["schema"] == "emrnetcheck/report/1"
    assert report["mode"] == (mode[0][2:] if mode else "standard")
    assert report["site"] == "Elm Street Clinic"
    assert report["verdict"] == "ready"
    assert report_json.parse(ended.out).evidence == b.HEALTHY
    assert "easuring" in ended.err


def test_quiet_has_no_progress(call: Call, clinic: Clinic, settings: Path) -> None:
    assert call("--config", settings, "--quiet").err == ""


def test_without_settings_it_runs_and_says_what_it_lacks(
    call: Call, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    unset = Failure(FailureKind.NOT_CONFIGURED)
    deadline_s = dict.fromkeys(Mode, 10.0)
    given = {**{name: getattr(b.HEALTHY, name) for name in ("link", "lan", "address", "dns", "upload")}}
    outcomes: dict[str, Any] = {**given, "names": unset, "port": unset}
    monkeypatch.setattr(
        probes,
        "PROBES",
        tuple(Probe(name, name, lambda *_a, _n=name: outcomes[_n], deadline_s) for name in outcomes),
    )
    ended = call("--format", "json")
    assert ended.status == 3
    report = json.loads(ended.out)
    codes = {finding["code"] for check in report["checks"] for finding in check["findings"]}
    assert {"ddns.unset", "port.unset"} <= codes
    advice = " ".join(cause["advice"] for cause in report["causes"])
    assert "[emr] hostname" in advice


def test_only_and_skip(call: Call, clinic: Clinic, settings: Path) -> None:
    def asked(*options: str) -> set[str]:
        report = json.loads(call("--config", settings, "--format", "json", *options).out)
        return {check["id"] for check in report["checks"] if check["skipped_because"] != "not asked for"}

    assert asked("--only", "dns, link") == {"dns", "link"}
    assert "dns" not in asked("--skip", "dns,")
    assert asked("--only", "dns,link", "--skip", "link") == {"dns"}


USAGE_ERRORS = {
    "quick and thorough": (["--quick", "--thorough"], "--quick and --thorough exclude each other: choose one."),
    "an unknown format": (
        ["--format", "pdf"],
        "--format pdf is not known in this version: choose from text, json, html, markdown, junit.",
    ),
    "several formats without a folder": (
        ["--format", "text", "--format", "json"],
        "More than one --format needs --output with a folder to write them into.",
    ),
    "only an unknown check": (["--only", "dsn"], "--only dsn is no check: known are link,"),
    "skip an unknown check": (["--skip", "dns,x"], "--skip x is no check: known are link,"),
    "a second opinion that may not leave the office": (
        ["--second-opinion", "--offline"],
        "--second-opinion asks speedtest.net, and --offline keeps this run inside the office: choose one.",
    ),
    "a second opinion without a first": (
        ["--second-opinion", "--only", "dns,link"],
        "--second-opinion stands beside the upload check: run that too, or leave the option out.",
    ),
    "a second opinion on what is skipped": (
        ["--second-opinion", "--skip", "upload"],
        "--second-opinion stands beside the upload check: run that too, or leave the option out.",
    ),
    "a settings file that is not there": (["--config", "/no/such.toml"], "The settings file /no/such.toml does not"),
}


@pytest.mark.parametrize(("options", "sentence"), USAGE_ERRORS.values(), ids=USAGE_ERRORS)
def test_a_wrong_call_is_told_in_one_sentence(
    call: Call, clinic: Clinic, options: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []
    monkeypatch.setattr("emrnetcheck.runner.run", lambda *_a, **_k: measured.append("run"))
    ended = call(*options)
    assert ended.status == 2
    assert one_sentence(ended).startswith(sentence)
    assert measured == []


def test_an_unknown_option_is_a_usage_error(call: Call) -> None:
    ended = call("--nonsense")
    assert ended.status == 2
    assert "--nonsense" in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_wrong_settings_are_told_in_one_sentence(call: Call, clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("[emr]\nport = 99999\n", encoding="utf-8")
    ended = call("--config", file)
    assert ended.status == 2
    assert one_sentence(ended) == f"In {file}, [emr] port = 99999: must be less than or equal to 65535."


def test_the_settings_are_found_by_the_environment(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMRNETCHECK_CONFIG", str(settings))
    assert json.loads(call("--format", "json").out)["site"] == "Elm Street Clinic"


@pytest.mark.parametrize("how", ["a file for a folder", "a name that is too long"])
def test_an_output_that_cannot_be_written_is_told_before_the_run(
    call: Call, clinic: Clinic, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    measured: list[str] = []
    monkeypatch.setattr("emrnetcheck.runner.run", lambda *_a, **_k: measured.append("run"))
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "report.txt" if how == "a file for a folder" else tmp_path / ("x" * 300)
    ended = call("--config", settings, "--output", target)
    assert ended.status == 2
    assert one_sentence(ended).startswith(f"--output {target} cannot be written: ")
    assert measured == []


def test_several_formats_go_into_a_folder(call: Call, clinic: Clinic, settings: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "reports"
    ended = call("--config", settings, "--format", "json", "--format", "text", "--output", folder, "--quiet")
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert {file.name for file in folder.iterdir()} == {"emrnetcheck.json", "emrnetcheck.txt"}
    assert json.loads((folder / "emrnetcheck.json").read_text(encoding="utf-8"))["verdict"] == "ready"
    assert "READY" in (folder / "emrnetcheck.txt").read_text(encoding="utf-8")


def test_several_formats_do_not_go_into_a_file(call: Call, clinic: Clinic, settings: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    ended = call("--config", settings, "--format", "json", "--format", "text", "--output", file)
    assert ended.status == 2
    one_sentence(ended)


def test_one_format_goes_into_the_named_file(call: Call, clinic: Clinic, settings: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old", encoding="utf-8")
    assert call("--config", settings, "--format", "json", "--output", file, "--quiet").out == ""
    assert json.loads(file.read_text(encoding="utf-8"))["verdict"] == "ready"
    assert [path.name for path in tmp_path.glob("*report*")] == ["report.json"]


def bug(*_arguments: Any, **_options: Any) -> Any:
    raise ZeroDivisionError("hunter2")


def test_a_bug_ends_in_one_sentence(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emrnetcheck.runner.run", bug)
    ended = call("--config", settings, "--quiet")
    assert ended.status == 70
    assert "ZeroDivisionError" in one_sentence(ended)
    assert "hunter2" not in ended.err


def test_a_bug_shows_its_traceback_where_it_is_asked_for(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emrnetcheck.runner.run", bug)
    monkeypatch.setenv("EMRNETCHECK_DEBUG", "1")
    ended = call("--config", settings, "--quiet")
    assert ended.status == 70
    assert "Traceback" in ended.err
    assert "hunter2" in ended.err


def test_a_full_disk_is_no_bug(
    call: Call, clinic: Clinic, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any, **_options: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    target = tmp_path / "report.txt"
    ended = call("--config", settings, "--output", target, "--quiet")
    assert ended.status == 2
    assert one_sentence(ended) == f"--output {target} could not be written: No space left on device."


def test_a_pipe_that_nobody_reads_on_is_no_fault(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NobodyReads(StringIO):
        def write(self, _text: str) -> int:
            raise OutputError(BrokenPipeError(32, "Broken pipe"))

    monkeypatch.setattr("sys.stdout", NobodyReads())
    ended = call("--config", settings, "--quiet")
    assert (ended.status, ended.err) == (0, "")


def test_the_next_command_is_called_as_this_one_was(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMRNETCHECK_COMMAND", "python3 start.py")
    assert "python3 start.py checks" in call("--config", settings, "--quiet").out


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_an_interrupted_run_still_prints_its_report(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_site: Any, _seen: Any, context: Any) -> Failure:
        signal.raise_signal(signal.SIGINT)
        context.stop.wait(20.0)
        return Failure(FailureKind.INTERRUPTED)

    last = Probe("upload", "the upload", interrupted, dict.fromkeys(Mode, 20.0), alone=True)
    monkeypatch.setattr(probes, "PROBES", (*[p for p in probes.PROBES if p.name != "upload"], last))
    ended = call("--config", settings, "--format", "json")
    assert ended.status == 130
    report = json.loads(ended.out)
    assert report["interrupted"] is True
    assert report["evidence"]["lan"] is not None
    assert report["verdict"] == "inconclusive"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_a_pipe_or_device_named_as_output_stays_what_it_is(
    call: Call, clinic: Clinic, settings: Path, tmp_path: Path
) -> None:
    """Moving a new file into place would have made a plain file of /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ended = call("run", "--config", str(settings), "--format", "json", "--output", str(pipe))
        assert ended.status == 0
        assert pipe.is_fifo()
        assert json.loads(os.read(reader, 1_000_000))["verdict"] == "ready"
    finally:
        os.close(reader)


def test_a_link_named_as_output_stays_a_link(call: Call, clinic: Clinic, settings: Path, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real.json")
    call("run", "--config", str(settings), "--format", "json", "--output", str(link))
    assert link.is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["verdict"] == "ready"


def test_a_second_opinion_is_made_when_it_is_asked_for(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe = Probe("second_opinion", "it", lambda *_: b.OPINION, dict.fromkeys(Mode, 10.0), alone=True, on_request=True)
    monkeypatch.setattr(probes, "PROBES", (*probes.PROBES, probe))
    ended = call("--config", settings, "--second-opinion")
    assert ended.status == 0
    assert "speedtest-cli says 12.0 Mbps" in " ".join(ended.out.split())
    assert "not used for the verdict" in " ".join(ended.out.split())
    assert "speedtest-cli" not in call("--config", settings).out


def test_a_second_opinion_needs_an_upload_that_matters(call: Call, clinic: Clinic, tmp_path: Path) -> None:
    file = tmp_path / "office.toml"
    file.write_text('[emr]\naccess = "lan_only"\n', encoding="utf-8")
    ended = call("--config", file, "--second-opinion")
    assert ended.status == 2
    assert one_sentence(ended).startswith("--second-opinion has nothing to stand beside")


def test_without_settings_it_names_the_command_that_writes_them(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMRNETCHECK_COMMAND", "python3 start.py")
    told = call("run", "--format", "json")
    assert "python3 start.py setup" in told.err.splitlines()[-1]
    assert json.loads(told.out)["verdict"]
    assert "setup" not in call("run", "--quiet").err
    assert "setup" not in call("run", "--config", settings).err
