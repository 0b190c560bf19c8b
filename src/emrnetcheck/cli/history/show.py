"""emrnetcheck history show ID: a stored report as `run` printed it, or the summary of a watch."""

from __future__ import annotations

import sys

from emrnetcheck.cli.delivering import deliver, formats_of, targets_of
from emrnetcheck.cli.history.asking import IdArgument, ending, kept_settings, opened, report_of, show_lines
from emrnetcheck.cli.options import Writing, with_writing
from emrnetcheck.cli.run import refuse

_WATCH = "watch-"


@with_writing
def show(run_id: IdArgument = "latest", *, how: Writing) -> None:
    """Print a stored report, or the summary of a watch. It ends with 0 whatever that says."""
    with ending():
        chosen = formats_of(how.formats or ["text"], how.output)
        if run_id.startswith(_WATCH):
            _show_watch(run_id, chosen, how)
            return
        with opened(kept_settings(how.config)) as history:
            report = report_of(history.document(run_id))
        deliver(report, targets_of(chosen, how.output), plain=how.plain, verbose=how.verbose)


def _show_watch(id_: str, formats: list[str], how: Writing) -> None:
    """As the watch itself ended, or as data."""
    from emrnetcheck.reports.watches import NotAWatchError, summary_of, watch_page
    from emrnetcheck.store import StoreError

    if how.output is not None or formats not in (["text"], ["json"]):
        refuse("A watch is shown on standard output, with --format text or json.")
    with opened(kept_settings(how.config)) as history:
        text = history.watch(id_)
    if formats == ["json"]:
        sys.stdout.write(text)
        return
    try:
        show_lines(watch_page(summary_of(text)), plain=how.plain)
    except NotAWatchError as error:
        raise StoreError(f"The stored watch {id_[:60]} cannot be read: {error}") from error
