"""Jobs for the tests: a plain one, and one whose paths hold everything that some format takes for its own."""

from __future__ import annotations

from dataclasses import replace

from emrnetcheck.schedule.job import Job

PLAIN = Job(
    argv=("/srv/emr/.venv/bin/python", "-P", "-m", "emrnetcheck", "schedule", "run", "--config", "/etc/emr.toml"),
    minutes=(7, 22, 37, 52),
    system=False,
    user="clinic",
    home="/srv/clinic",
    config_home="/srv/clinic/.config",
    data_folder="/srv/clinic/.local/share/emrnetcheck",
)
SYSTEM = replace(PLAIN, system=True)
NASTY_TEXT = """it's 100% "$HOME" $(id) `id` \\ \\" ; # & < > ] é * !x 50%%"""
NASTY = replace(
    PLAIN,
    argv=(*PLAIN.argv[:-1], f"/srv/{NASTY_TEXT}/a.toml", NASTY_TEXT, "", ";", "-"),
    data_folder=f"/srv/{NASTY_TEXT}",
    environment=(("EMRNETCHECK_DATA", f"/srv/{NASTY_TEXT}"),),
)
