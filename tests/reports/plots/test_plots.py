"""Pictures show what was measured, or there is none; they are the same each time, small, and told in words."""

from __future__ import annotations

import io
import math
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageColor

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.reports.plots import Picture, pictures_of
from emrnetcheck.reports.plots.beside import spread
from emrnetcheck.reports.plots.delays import delays_picture
from emrnetcheck.reports.plots.sheet import DARK, LETTERS_PT, LIGHT, WIDTH_PX
from emrnetcheck.reports.plots.upload import needed_of, upload_picture
from emrnetcheck.runner.answer import judged_again
from tests.checks.builders import HEALTHY, SITE
from tests.reports.samples import DOWNLOAD, HOSTILE, READY, SAMPLES, UPLOAD
from tests.reports.stored import CASES, report_of

MOST_BYTES = 40_000
PHONE_PX = 358
NARROW = {"lower_mbps": 9.2, "upper_mbps": 9.3}
CASE_NAMES = sorted(file.stem for file in CASES.glob("*.json"))


def clinic(download: Any = DOWNLOAD, **changes: Any) -> ClinicReport:
    """A judged report whose upload was changed like that."""
    seen = replace(HEALTHY, upload=replace(UPLOAD, **changes), download=download)
    return judged_again(replace(READY, evidence=seen), SITE, ALL)


def named(report: ClinicReport, *, dark: bool = False) -> dict[str, Picture]:
    return {picture.name: picture for picture in pictures_of(report, dark=dark)}


@pytest.mark.parametrize("dark", [False, True])
def test_pictures_are_small_png_files_of_twice_their_size_on_a_page(dark: bool) -> None:
    for picture in pictures_of(clinic(), dark=dark):
        assert len(picture.png) < MOST_BYTES
        image = Image.open(io.BytesIO(picture.png))
        assert (image.format, image.size) == ("PNG", (2 * picture.width_px, 2 * picture.height_px))
        page = DARK.page if dark else LIGHT.page
        assert image.convert("RGB").getpixel((2, 2)) == tuple(bytes.fromhex(page[1:]))
        assert not image.info.keys() & {"Software", "Creation Time"}


def test_letters_can_be_read_on_a_telephone() -> None:
    """PHONE_PX: what a page of 390 px has for a picture. 9 pt is the small print of a newspaper."""
    assert LETTERS_PT * min(1.0, PHONE_PX / WIDTH_PX) >= 8.9


@pytest.mark.parametrize("draw", [delays_picture, upload_picture])
def test_no_letter_is_cut_off(draw: Callable[[ClinicReport], Picture | None]) -> None:
    picture = draw(clinic(idle_rtt_ms=1234.0, loaded_rtt_ms=2345.0, loaded_rtt_p95_ms=3456.0))
    assert picture is not None
    image = Image.open(io.BytesIO(picture.png)).convert("RGB")
    wide, high = image.size
    page = image.getpixel((2, 2))
    edge = [(x, y) for x in (0, wide - 1) for y in range(high)] + [(x, y) for y in (0, high - 1) for x in range(wide)]
    assert {image.getpixel(each) for each in edge} == {page}


def test_the_same_report_gives_the_same_bytes_also_in_another_process(tmp_path: Path) -> None:
    code = """
import hashlib
from tests.reports.plots.test_plots import clinic, pictures_of
print(*(hashlib.sha256(each.png).hexdigest() for each in pictures_of(clinic())))
"""
    hashes = set()
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\nfont.size: 30\n", encoding="utf-8")
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "MATPLOTLIBRC": str(tmp_path) if seed == "2" else ""}
        ran = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=100
        )
        hashes.add(ran.stdout)
    assert len(hashes) == 1
    assert len(hashes.pop().split()) == 2


def test_a_home_that_cannot_be_written_costs_no_word(tmp_path: Path) -> None:
    """matplotlib keeps a list of the fonts there, and says so where it cannot."""
    blocked = tmp_path / "home"
    blocked.write_text("no folder", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "MPLCONFIGDIR"}
    environment |= {"HOME": str(blocked), "XDG_CONFIG_HOME": str(blocked), "XDG_CACHE_HOME": str(blocked)}
    code = "from tests.reports.plots.test_plots import clinic, pictures_of; print(len(pictures_of(clinic())))"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=100
    )
    assert (ran.stdout, ran.stderr) == ("2\n", "")


def test_the_upload_in_words_has_its_figures_and_what_is_needed() -> None:
    alt = named(clinic())["upload"].alt
    assert "9.5 Mbps, between 9.4 and 9.7 (95 % sure)" in alt
    assert "The first 1.5 seconds are not counted" in alt
    assert "needed is 2.8 Mbps (3 as providers count)" in alt
    assert "recommended rate is 4.7 Mbps (5 as providers count)" in alt


@pytest.mark.parametrize("name", ["not_ready", "upload_2_5", "upload_4", "healthy"])
def test_what_is_shown_to_people_has_the_rate_of_page_one_its_interval_and_the_thresholds(name: str) -> None:
    report = SAMPLES.get(name) or report_of(name)
    [upload] = [finding for check in report.checks if check.id == "upload" for finding in check.findings][:1]
    alt = named(report)["upload"].alt
    assert f"Measured: {upload.facts['goodput_mbps']:.1f} Mbps, between " in alt
    assert "(95 % sure)" in alt
    assert "needed is 2.8 Mbps (3 as providers count)" in alt
    assert "recommended rate is 4.7 Mbps (5 as providers count)" in alt


@pytest.mark.parametrize("name", CASE_NAMES)
def test_the_course_of_a_stored_upload_is_that_of_its_rate(name: str) -> None:
    upload = report_of(name).evidence.upload
    if upload is None or upload.goodput_mbps is None:
        assert "upload" not in named(report_of(name))
        return
    counted = upload.samples[int(upload.ramp_s / upload.slot_s) :]
    assert sum(counted) / len(counted) == pytest.approx(upload.goodput_mbps, abs=0.02)
    assert "upload" in named(report_of(name))


def test_what_the_line_needs_is_what_the_upload_was_judged_against() -> None:
    minimum, recommended = needed_of(clinic())
    assert minimum.goodput_mbps == pytest.approx(3.0 * 0.94)
    assert recommended.goodput_mbps == pytest.approx(5.0 * 0.94)
    assert needed_of(READY) == ()  # written by hand, without these facts: the line alone is drawn
    assert "needed" not in named(READY)["upload"].alt


@pytest.mark.parametrize(
    "changes",
    [
        {"samples": ()},
        {"samples": (9.5, 9.6, 9.4)},
        {"samples": (*UPLOAD.samples, math.nan)},
        {"samples": (*UPLOAD.samples, math.inf)},
        {"samples": (*UPLOAD.samples, -1.0)},
        {"goodput_mbps": None},
        {"slot_s": 0.0},
        {"ramp_s": 60.0},
    ],
)
def test_without_a_whole_course_there_is_no_picture_of_the_upload(changes: dict[str, Any]) -> None:
    report = replace(READY, evidence=replace(READY.evidence, upload=replace(UPLOAD, **changes)))
    assert "upload" not in named(report)


def test_nothing_measured_gives_no_picture() -> None:
    report = clinic()
    assert pictures_of(replace(report, evidence=replace(report.evidence, upload=None, download=None))) == ()


def test_an_upload_of_nothing_at_all_is_drawn() -> None:
    assert "Measured: 0.0 Mbps" in named(clinic(goodput_mbps=0.0, samples=(0.0,) * 40))["upload"].alt


def test_without_an_interval_none_is_told() -> None:
    assert "between" not in named(clinic(lower_mbps=None, upper_mbps=None))["upload"].alt


def pixels(report: ClinicReport) -> Image.Image:
    picture = upload_picture(report)
    assert picture is not None
    return Image.open(io.BytesIO(picture.png)).convert("RGB")


def test_a_narrow_interval_is_seen_over_the_samples() -> None:
    """With its edges all along the test, and with a mark behind the graph."""
    flat = (9.25,) * 40
    with_it, without = (pixels(clinic(**ends, samples=flat)) for ends in (NARROW, dict.fromkeys(NARROW)))
    # The palettes of the two differ by shades that nobody sees.
    apart = ImageChops.difference(with_it, without).convert("L").point([0] * 60 + [255] * 196)
    differing = apart.getbbox()
    assert differing is not None
    left, top, right, bottom = differing
    assert right - left > with_it.width // 3
    assert 4 <= bottom - top <= 30


def test_an_interval_beyond_the_samples_is_not_cut_off() -> None:
    top = pixels(clinic(lower_mbps=6.0, upper_mbps=40.0)).crop((0, 0, 2 * WIDTH_PX, 40))
    colours = top.getcolors()
    assert colours is not None
    page = tuple(bytes.fromhex(LIGHT.page[1:]))
    assert max(colours)[1] == page
    assert ImageColor.getrgb(LIGHT.measured) not in {colour for _, colour in colours}


def test_delays_in_words_are_of_both_directions() -> None:
    alt = named(clinic())["delays"].alt
    assert "before sending 18 ms (95 of 100 within 20); while sending 44 ms" in alt
    assert "while receiving 52 ms" in alt


@pytest.mark.parametrize(
    "changes",
    [{"idle_rtt_ms": None}, {"loaded_rtt_ms": None}, {"tester_limited": "the processor"}, {"loaded_seconds": 0.5}],
)
def test_a_direction_that_did_not_fill_the_line_is_not_drawn(changes: dict[str, Any]) -> None:
    assert "delays" not in named(clinic(download=None, **changes))
    slow = replace(
        DOWNLOAD, loaded_rtt_ms=900.0, loaded_rtt_p95_ms=1200.0
    )  # so much that it is said without the upload
    alt = named(clinic(download=slow, **changes))["delays"].alt
    assert "sending" not in alt
    assert "while receiving 900 ms (95 of 100 within 1200)" in alt


def test_a_picture_holds_no_foreign_text() -> None:
    for picture in pictures_of(clinic(server=HOSTILE, address=HOSTILE, back_end=HOSTILE)):
        assert all(" " <= character <= "~" for character in picture.name + picture.title + picture.alt)


def test_words_beside_lines_keep_their_distance_and_their_order() -> None:
    assert spread([0.5, 0.1], 0.1, 0.0, 1.0) == [0.5, 0.1]
    assert spread([0.5, 0.49, 0.51], 0.1, 0.0, 1.0) == pytest.approx([0.59, 0.49, 0.69])
    assert spread([0.98, 1.0, 0.99], 0.1, 0.0, 1.0) == pytest.approx([0.8, 1.0, 0.9])
    assert spread([0.0, 0.0, 0.0], 0.8, 0.0, 1.0) == pytest.approx([0.0, 0.5, 1.0])
    assert spread([], 0.1, 0.0, 1.0) == []
