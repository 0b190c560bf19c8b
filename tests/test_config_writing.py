"""Settings as text: a new file says what was answered; an old one keeps every word that nobody asked to change."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrnetcheck.config import ConfigError, load
from emrnetcheck.config.answers import valid
from emrnetcheck.config.toml_text import statements
from emrnetcheck.config.writing import Key, NotFaithful, Value, fresh, literal, merged

COMMENTS: dict[Key, str] = {("emr", "users"): "How many people at once.", ("site", "name"): "The clinic."}

HAND_MADE = """\
# our clinic, since 2019
[site]
name = 'Elm "Street"'   # as on the door

[ emr ]  # the EMR
  hostname = "emr.example.org"
  "port" = 8_443
  lan_address = "192.168.1.10"  # in the back room

[lan]
peers = [
    "192.168.1.20",
    "192.168.1.21"
] # two
[limits]
router.slow_wired_ms = 5   # our switch is old
# the end"""


def test_a_new_file_has_a_section_for_each_and_a_comment_above_each_key() -> None:
    values: dict[Key, Value] = {("site", "name"): "Elm", ("emr", "port"): 443, ("emr", "users"): 7}
    text = fresh(values, COMMENTS)
    assert all(line.startswith("# ") for line in text.partition("\n\n")[0].splitlines())
    assert text.partition("\n\n")[2] == (
        '[site]\n# The clinic.\nname = "Elm"\n\n[emr]\nport = 443\n# How many people at once.\nusers = 7\n'
    )
    assert tomllib.loads(text) == {"site": {"name": "Elm"}, "emr": {"port": 443, "users": 7}}


CHANGES: dict[str, tuple[dict[Key, Value | None], str, str]] = {
    "a value, its comment kept": (
        {("site", "name"): "Oak"},
        "name = 'Elm \"Street\"'   # as on the door",
        'name = "Oak"   # as on the door',
    ),
    "a quoted key": ({("emr", "port"): 443}, '  "port" = 8_443', '  "port" = 443'),
    "a list over several lines": (
        {("lan", "peers"): ["192.168.1.30"]},
        '[\n    "192.168.1.20",\n    "192.168.1.21"\n] # two',
        '["192.168.1.30"] # two',
    ),
    "a new key stands with the others of its section": (
        {("emr", "users"): 7},
        "# in the back room\n",
        "# in the back room\n  # How many people at once.\n  users = 7\n",
    ),
    "what is taken out stays as a comment": (
        {("emr", "lan_address"): None},
        '  lan_address = "192.168.1.10"  # in',
        '#   lan_address = "192.168.1.10"  # in',
    ),
    "a list that is taken out": (
        {("lan", "peers"): None},
        'peers = [\n    "192.168.1.20",\n    "192.168.1.21"\n] # two',
        '# peers = [\n#     "192.168.1.20",\n#     "192.168.1.21"\n# ] # two',
    ),
    "a new section": (
        {("outside", "consent"): True},
        "# the end",
        "# the end\n\n[outside]\nconsent = true\n",
    ),
    "a key that is not there is taken out by doing nothing": ({("emr", "path"): None}, "# the end", "# the end"),
}


@pytest.mark.parametrize(("changes", "before", "after"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
def test_a_change_touches_nothing_else(
    changes: dict[Key, Value | None], before: str, after: str, newline: str, mark: str
) -> None:
    assert HAND_MADE.count(before) == 1
    as_file = (HAND_MADE.replace(before, after)).replace("\n", newline)
    old = HAND_MADE.replace("\n", newline)
    assert merged(mark + old, changes, COMMENTS) == mark + as_file


def test_several_changes_at_once() -> None:
    changes: dict[Key, Value | None] = {
        ("emr", "lan_address"): None,
        ("emr", "users"): 3,
        ("outside", "consent"): False,
        ("outside", "services"): ["globalping"],
    }
    text = merged(HAND_MADE, changes, {})
    assert text.endswith('# the end\n\n[outside]\nconsent = false\nservices = ["globalping"]\n')
    assert tomllib.loads(text)["emr"] == {"hostname": "emr.example.org", "port": 8443, "users": 3}


def test_keys_with_dots_are_changed_where_they_stand() -> None:
    old = 'emr.port = 443 # own\nsite.name = "Elm"\n[upload]\nmax_mb = 30\n'
    assert merged(old, {("emr", "port"): 8443, ("emr", "users"): 2}, {}) == (
        'emr.port = 8443 # own\nemr.users = 2\nsite.name = "Elm"\n[upload]\nmax_mb = 30\n'
    )


@pytest.mark.parametrize(
    ("old", "why"),
    [
        ("emr = { port = 443 }\n", "in a form that"),
        ('[lan]\npeers = [\n  "192.168.1.20", # the printer\n]\n', "comments inside the list of [lan] peers"),
        ("emr = 3\n", "its [emr] is no section"),
    ],
)
def test_what_cannot_be_changed_without_a_loss_is_refused(old: str, why: str) -> None:
    changes: dict[Key, Value | None] = {("emr", "port"): 1, ("lan", "peers"): []}
    with pytest.raises(NotFaithful) as caught:
        merged(old, changes, {})
    assert why in str(caught.value)


def test_an_empty_file_gets_its_section() -> None:
    assert merged("", {("emr", "port"): 443}, {}) == "[emr]\nport = 443\n"


TRICKY = '''\
a = """x # no comment "" [ " """   # a comment
b = \'\'\'it's ["\'\'\' # more
c = """ends with quotes"""""
"d = e" = "with \\" and = and # inside"
'f.g'.h = [ [1, 2], ["]", '[', """]"""], { i = "}" } ] # end
j = 1979-05-27T07:32:00Z
[k."l ] m"]
n = "last"'''


def test_every_string_and_bracket_ends_where_toml_says() -> None:
    found = [(each.path, TRICKY[each.value_start : each.value_end]) for each in statements(TRICKY)]
    assert [path for path, _ in found] == [
        ("a",),
        ("b",),
        ("c",),
        ("d = e",),
        ("f.g", "h"),
        ("j",),
        ("k", "l ] m"),
        ("k", "l ] m", "n"),
    ]
    parsed = tomllib.loads(TRICKY)
    for path, value in found:
        if value:
            table = parsed
            for key in path[:-1]:
                table = table[key]
            assert tomllib.loads(f"x = {value}")["x"] == table[path[-1]]


@given(st.one_of(st.text(), st.booleans(), st.integers(-(10**12), 10**12), st.lists(st.text(max_size=40), max_size=6)))
def test_whatever_is_written_reads_back_and_shows_no_control_character(value: Value) -> None:
    if any("\ud800" <= c <= "\udfff" for c in str(value)):
        return
    text = literal(value)
    assert tomllib.loads(f"x = {text}") == {"x": value}
    assert text.replace("\n", "").isprintable()


def test_an_answer_is_judged_as_the_file_is_and_in_the_same_words(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    for section, key, value in (
        ("emr", "hostname", "https://emr.example.org"),
        ("emr", "hostname", "1.2.3.4"),
        ("emr", "users", 0),
        ("emr", "path", "oscar"),
        ("emr", "lan_address", "127.0.0.1"),
        ("emr", "access", "open"),
        ("lan", "peers", ["192.168.1.300"]),
        ("upload", "servers", ["x"]),
        ("site", "name", "a\x1b[2J"),
        ("site", "name", " "),
    ):
        file.write_text(f"[{section}]\n{key} = {literal(value)}\n", encoding="utf-8")
        with pytest.raises(ConfigError) as by_file:
            load(file)
        with pytest.raises(ConfigError) as by_answer:
            valid(section, key, value)
        assert str(by_file.value).endswith(str(by_answer.value).split(": ", 1)[-1] + ".")
        assert str(by_answer.value).isprintable()
    assert valid("emr", "hostname", "emr.example.org.") == "emr.example.org"
    assert valid("site", "name", " Elm ") == "Elm"


KEYS = ("port", "users", "name", "peers", '"od d"', "'x.y'")
VALUES = (
    "8443",
    '"a # b"',
    "'c [d'",
    "[]",
    '["e", "f"]',
    '[\n  "g", # h\n  "i",\n]',
    '"""j\n= k\n"""',
    "true",
    "{ l = 1 }",
    "1.5",
)
LINES = st.one_of(
    st.sampled_from(["", "# a comment", "  # [emr]", '# port = 1 "'] + [f"[{name}]" for name in ("emr", "lan", "x")]),
    st.builds(
        "{}{}={}{}".format,
        st.sampled_from(["", "  ", "\t"]),
        st.sampled_from(KEYS),
        st.sampled_from(VALUES),
        st.sampled_from(["", "  # why", " # emr = [ '"]),
    ),
)


@settings(max_examples=300)
@given(
    st.lists(LINES, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.dictionaries(
        st.tuples(st.sampled_from(["emr", "lan", "site"]), st.sampled_from(["port", "users", "peers"])),
        st.one_of(st.none(), st.integers(1, 9), st.lists(st.sampled_from(["p", "q"]), max_size=2)),
        max_size=3,
    ),
)
def test_in_any_file_only_what_was_meant_changes(
    lines: list[str], newline: str, changes: dict[Key, Value | None]
) -> None:
    """What was there, comments too, is there afterwards, in its order; or the file is refused."""
    old = newline.join("\n".join(lines).split("\n"))
    try:
        before = tomllib.loads(old)
    except tomllib.TOMLDecodeError:
        return
    try:
        text = merged(old, changes, COMMENTS)
    except NotFaithful:
        return
    after = tomllib.loads(text)
    for section in {*before, *after, *(section for section, _ in changes)}:
        was, now = before.get(section, {}), after.get(section, {})
        if not isinstance(was, dict):
            assert now == was
            continue
        meant = was | {key: value for (its, key), value in changes.items() if its == section}
        assert now == {key: value for key, value in meant.items() if value is not None}
    kept = iter(text.replace("\r\n", "\n").split("\n"))
    for comment in (line for line in old.replace("\r\n", "\n").split("\n") if line.lstrip().startswith("#")):
        assert any(comment in line for line in kept), comment
    assert newline not in old or text.count("\n") == text.count(newline)
