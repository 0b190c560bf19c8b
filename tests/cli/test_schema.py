"""emrnetcheck schema: JSON Schemas that hold for what the program writes and reads."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import SETTINGS, Call, Clinic


@pytest.mark.parametrize("which", ["report", "settings"])
def test_it_is_a_json_schema(call: Call, which: str) -> None:
    ended = call("schema", which)
    assert ended.status == 0
    assert ended.err == ""
    jsonschema.Draft202012Validator.check_schema(json.loads(ended.out))


def test_the_report_is_the_default(call: Call) -> None:
    assert call("schema").out == call("schema", "report").out


def test_a_report_holds_to_it(call: Call, clinic: Clinic, settings: Path) -> None:
    schema = json.loads(call("schema").out)
    report = json.loads(call("--config", settings, "--format", "json").out)
    jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report | {"verdict": "maybe"}, schema, cls=jsonschema.Draft202012Validator)


def test_settings_hold_to_it(call: Call) -> None:
    schema = json.loads(call("schema", "settings").out)
    jsonschema.validate(tomllib.loads(SETTINGS), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"emr": {"hostnam": "x"}}, schema)


def test_another_word_is_a_usage_error(call: Call) -> None:
    assert call("schema", "everything").status == 2
