"""emrnetcheck privileges: the table, and what goes here and now."""

from __future__ import annotations

from emrnetcheck.abilities import ABILITIES
from tests.cli.conftest import Call


def test_it_tells_of_this_process_and_of_every_user(call: Call) -> None:
    ended = call("privileges")
    assert ended.status == 0
    here, everywhere = ended.out.split("\nEVERYWHERE\n")
    assert here.startswith("THIS PROCESS (")
    assert len([line for line in here.splitlines() if line.startswith(("  yes ", "  NO "))]) == len(ABILITIES)
    assert all(ability.title in everywhere for ability in ABILITIES)


def test_markdown_is_the_table_alone(call: Call) -> None:
    ended = call("privileges", "--format", "markdown")
    assert ended.status == 0
    assert "THIS PROCESS" not in ended.out
    assert ended.out.count("\n| ") == len(ABILITIES) + 1


def test_another_format_is_refused(call: Call) -> None:
    assert call("privileges", "--format", "html").status == 2
