"""What does the clock on this computer's wall show, at any moment of the year?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class Here(tzinfo):
    """The zone of this computer with its rules for summer and winter, as the system's own library knows them.

    `datetime.now().astimezone().tzinfo` has but the offset of today. A name for ZoneInfo is not to be had everywhere:
    Windows has other names and no such files.
    """

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return None if moment is None else _with_offset(moment.replace(tzinfo=None)).utcoffset()

    def tzname(self, moment: datetime | None) -> str | None:
        return None if moment is None else _with_offset(moment.replace(tzinfo=None)).tzname()

    def dst(self, _moment: datetime | None) -> None:
        """Not known: only the sum of both is."""
        return

    def fromutc(self, moment: datetime) -> datetime:
        shown = moment.replace(tzinfo=UTC).astimezone()
        wall = shown.replace(tzinfo=None, fold=0)
        # The clock shows an hour of autumn twice: it is the second time if the first has another offset.
        second = _with_offset(wall).utcoffset() != shown.utcoffset()
        return wall.replace(tzinfo=self, fold=int(second))

    def __repr__(self) -> str:
        return "Here()"


def _with_offset(wall: datetime) -> datetime:
    return wall.astimezone()
