"""emrnetcheck checks: what can be asked, and what can be set."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from emrnetcheck.checks import EVERY
from emrnetcheck.config import load
from tests.cli.conftest import Call


def test_every_check_every_code_and_every_limit_is_listed(call: Call) -> None:
    ended = call("checks")
    assert ended.status == 0
    for check in EVERY:
        assert re.search(rf"^{check.id}: .*\((not )?required\)$", ended.out, re.MULTILINE)
        assert all(re.search(rf"[ ,]{re.escape(code)}(,|$)", ended.out, re.MULTILINE) for code in check.codes)


def test_what_it_prints_can_be_put_into_the_settings(call: Call, tmp_path: Path) -> None:
    lines = re.findall(r"^  limit (\S+ = \S+)$", call("checks").out, re.MULTILINE)
    assert len(lines) == sum(len(fields(check.limits)) for check in EVERY)
    file = tmp_path / "limits.toml"
    file.write_text("[limits]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert load(file).limits == {
        check.id: {item.name: getattr(check.limits, item.name) for item in fields(check.limits)} for check in EVERY
    }
