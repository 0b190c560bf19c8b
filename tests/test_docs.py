"""What the documentation says can be typed, is there, and is all there; what must not be in the repository, is not."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from emrnetcheck.checks import ALL
from emrnetcheck.cli.app import app_of, with_default_command
from emrnetcheck.config import load
from emrnetcheck.exit_status import ExitStatus
from tests import reference

ROOT = Path(__file__).parent.parent
FIGURES = [
    ROOT / "docs" / "accuracy.md",
    ROOT / "docs" / "upload-benchmark.md",
]  # whose options are the lab's
USER_PAGES = [ROOT / "README.md", *sorted(set((ROOT / "docs").glob("*.md")) - set(FIGURES))]
PAGES = [*USER_PAGES, *FIGURES, ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md", ROOT / "CHANGELOG.md"]
APP = app_of()
COMMANDS = typer.main.get_command(APP).commands  # type: ignore[attr-defined]  # typer gives a group for several commands
LINES_OF_ONE_PAGE = 150
PLACEHOLDERS = {"CODE", "FILE", "DIR", "ID,..", "..."}


def texts(pages: list[Path]) -> dict[str, str]:
    return {page.name: page.read_text(encoding="utf-8") for page in pages}


def options_of(command: str) -> set[str]:
    """Of a command, and of those below it."""
    found = COMMANDS[command]
    below = getattr(found, "commands", {}).values()
    parameters = [parameter for each in (found, *below) for parameter in each.params]
    return {option for each in parameters for option in (*each.opts, *each.secondary_opts)} | {"--help"}


def typed_commands() -> list[str]:
    """Every `emrnetcheck ...` and `start.py ...` in code, as the arguments that emrnetcheck itself gets."""
    found = set()
    for text in texts(PAGES).values():
        code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?: {4,})(\S.*)$", text, re.MULTILINE)
        for piece in code:
            for match in re.finditer(
                r"(?:^|&& )(?:emrnetcheck|(?:python3|py) start\.py)((?: [^#&|]*)?)(?=$|[#&|])", piece
            ):
                arguments = match[1].strip()
                if not arguments.startswith("test") and arguments != "...":
                    found.add(arguments)
    return sorted(found)


def test_the_documentation_names_commands() -> None:
    assert {"", "--thorough", "explain upload.below_minimum", "checks", "schema report"} <= set(typed_commands())


@pytest.mark.parametrize("typed", typed_commands())
def test_every_command_in_the_documentation_parses(typed: str) -> None:
    arguments = with_default_command(shlex.split(typed))
    if arguments[0] == "--version":
        return
    options = [a for a in arguments[1:] if a.startswith("-")]
    assert arguments[0] in COMMANDS
    assert set(options) <= options_of(arguments[0])
    result = CliRunner().invoke(APP, [arguments[0], "--help"])
    assert result.exit_code == 0
    if arguments[0] in ("explain", "schema") and not PLACEHOLDERS & set(arguments):
        assert CliRunner().invoke(APP, arguments).exit_code == 0


# What is made from the code names options of other programs too.
WRITTEN_PAGES = [page for page in USER_PAGES if page.name not in reference.pages()]


@pytest.mark.parametrize("page", WRITTEN_PAGES, ids=lambda page: page.name)
def test_every_option_in_the_user_pages_exists(page: Path) -> None:
    known = {"--version", "--lab"}.union(*(options_of(command) for command in COMMANDS))
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page.read_text(encoding="utf-8")))
    assert named <= known


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "it-helper.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"`emrnetcheck {command}" in text
    for option in options_of("run") - {"--help", "-h", "--verbose", "--quiet"}:
        assert f"`{option}" in text, option


def test_the_first_page_names_every_check_and_types_only_what_is_there_from_the_start() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE) == [check.id for check in ALL]
    typed = re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE)
    assert len(typed) > 1
    assert all(command.startswith("python3 start.py") for command in typed), typed


@pytest.mark.parametrize("page", ["it-helper.md", "scheduled.md"])
def test_the_exit_statuses_are_the_real_ones(page: str) -> None:
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(row) for row in rows} == {int(status) for status in ExitStatus}


@pytest.mark.parametrize("page", ["settings.md", "physician.md", "scheduled.md"])
def test_the_settings_shown_are_accepted(page: str, tmp_path: Path) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    fenced = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    indented = [
        "\n".join(line[4:] for line in block.splitlines())
        for block in re.findall(r"(?:^ {4}.*\n|^\n(?= {4}))+", text, re.MULTILINE)
        if block.lstrip().startswith("[")
    ]
    assert fenced or indented
    for number, shown in enumerate(fenced + indented):
        file = tmp_path / f"{number}.toml"
        file.write_text(shown, encoding="utf-8")
        load(file)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text(encoding="utf-8")):
        led_to = page.parent / target if target else page
        assert led_to.is_file(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", led_to.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^a-z0-9 -]", "", each.lower()).replace(" ", "-") for each in headings}


def lab_commands() -> list[str]:
    """Every `python -m tests.lab...` in code."""
    return sorted(
        {match for text in texts(PAGES).values() for match in re.findall(r"python (-m tests\.lab[^`#\n]*)", text)}
    )


@pytest.mark.parametrize("typed", lab_commands())
def test_every_command_of_the_lab_in_the_documentation_is_there(typed: str) -> None:
    module, *words = shlex.split(typed.removeprefix("-m ").split(" -- ")[0])
    path = ROOT / module.replace(".", "/")
    code = (path / "__main__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    for word in (each for number, each in enumerate(words) if each.startswith("-") or (path.is_dir() and number == 0)):
        assert f'"{word}"' in code, word


def test_the_page_of_the_it_helper_is_one_page_and_leads_to_every_other() -> None:
    text = (ROOT / "docs" / "it-helper.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_OF_ONE_PAGE
    others = {page.name for page in (ROOT / "docs").glob("*.md")} - {"it-helper.md", "physician.md", "licences.md"}
    assert others <= set(re.findall(r"\]\(([^)#]+)", text))


def locked(lock: str) -> set[str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE))


def test_every_part_has_its_licence_told() -> None:
    text = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| ([a-z0-9-]+) \| \S", text, re.MULTILINE)) - {"part", "---"}
    assert told == locked("run.txt") | locked("dev.txt") | locked("build.txt")


def test_the_locks_hold_every_dependency_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "run.txt": project["project"]["dependencies"],
        "dev.txt": project["project"]["dependencies"] + project["dependency-groups"]["dev"],
        "build.txt": project["dependency-groups"]["build"],
        "postgres.txt": project["project"]["dependencies"] + project["project"]["optional-dependencies"]["postgres"],
    }
    for lock, requirements in wanted.items():
        assert {re.split(r"[<>=!~;\[ ]", requirement)[0] for requirement in requirements} <= locked(lock)
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
            assert "--hash=sha256:" in block, block


def test_the_locks_agree_with_each_other() -> None:
    pins: dict[str, set[str]] = {}
    for lock in ("run.txt", "dev.txt", "build.txt", "postgres.txt"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        # A part may have one version for each Python: the marker belongs to the name.
        pin = r"^([a-z0-9-]+)==(\S+)(?: ; (python_full_version \S+ \S+))?"
        for name, version, marker in re.findall(pin, text, re.MULTILINE):
            pins.setdefault(f"{name} {marker}", set()).add(version)
    assert {name: versions for name, versions in pins.items() if len(versions) > 1} == {}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# Put together here, so that this file does not hold what it looks for.
REGISTRIES = ["py" + "pi.org", "python" + "hosted", "deb." + "debian.org", "--index" + "-url", "--find" + "-links"]
MACHINES = ["/" + "work/", "/" + "root/", "/" + "opt/", "/" + "home/"]


@pytest.mark.parametrize("unwanted", REGISTRIES + MACHINES)
def test_no_registry_and_no_machine_is_named(unwanted: str) -> None:
    pattern = re.compile(r"(?<![\w.~])" + re.escape(unwanted))
    holders = [str(f.relative_to(ROOT)) for f in tracked_files() if pattern.search(f.read_text("utf-8", "replace"))]
    assert holders == []


@pytest.mark.parametrize("name", reference.pages())
def test_the_pages_made_from_the_code_are_up_to_date(name: str) -> None:
    made = reference.pages()[name]
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == made, "write it again: python -m tests.reference"
