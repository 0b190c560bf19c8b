"""What happens while a changed address makes its way: from the office to the name's own servers and to every resolver?

Pure: it is fed with looks, each with its time, and keeps only what the last ones said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SILENT_AFTER = 2
"""So many looks in a row without an answer are worth a word; one lost datagram is not."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Somebody who is asked for the name. kind: "source", "resolver" or "office"; name: a name server's own, or ""."""

    kind: str
    server: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a place answered: addresses (() for a name without one), and for how long it keeps that."""

    addresses: tuple[str, ...]
    ttl_s: int | None


@dataclass(frozen=True, slots=True)
class Look:
    """One round. public: the office's address, None where it was not asked this time or nobody told.
    said: None for a place that did not answer."""

    at_unix_s: float
    public: str | None
    said: Mapping[Place, Said | None]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed. kind: "address" (the office's), "answer" (a place's), "silent", "agreed".

    old, new: addresses, () for none, None for "not known before". after_s: seconds since the office's address was
    first seen to be another, where that is what the new answer is. within_s: it can have happened so much earlier.
    """

    kind: str
    at_unix_s: float
    place: Place | None = None
    old: tuple[str, ...] | None = None
    new: tuple[str, ...] = ()
    after_s: float | None = None
    within_s: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """How it ended. changed_unix_s: when the office's address was first seen to be another (within_s: or so much
    earlier); None where it stayed. right_after_s: for each place that became right afterwards, how long after.

    wrong: places that still said something else at the end; silent: those that did not answer any more. agreed:
    everybody who answers says the office's address, and at least one name server of the zone is among them.
    """

    public: str | None
    changed_unix_s: float | None
    within_s: float | None
    right_after_s: tuple[tuple[Place, float], ...]
    wrong: tuple[Place, ...]
    silent: tuple[Place, ...]
    agreed: bool


@dataclass(slots=True)
class Following:
    """The state between looks: as large as the number of places, however long it runs.

    inside: addresses of the EMR server in the office, which the office's own name servers may well give.
    """

    inside: frozenset[str] = frozenset()
    public: str | None = None
    _public_seen_s: float | None = None
    _changed_s: float | None = None
    _within_s: float | None = None
    _said: dict[Place, Said] = field(default_factory=dict)
    _asked_s: dict[Place, float] = field(default_factory=dict)
    _silent: dict[Place, int] = field(default_factory=dict)
    _right_after_s: dict[Place, float] = field(default_factory=dict)
    _agreed: bool = False

    def take(self, look: Look) -> list[Event]:
        """What this look shows that the ones before did not, in the order in which it is to be told."""
        events = self._public_event(look)
        for place in sorted(look.said):
            events += self._place_event(look, place, look.said[place])
        was, self._agreed = self._agreed, self._all_agree()
        if self._agreed and not was:
            after_s = self._since(look.at_unix_s)
            events.append(Event("agreed", look.at_unix_s, new=(self.public or "",), after_s=after_s))
        return events

    def _all_agree(self) -> bool:
        heard = {place.kind for place in self._said if not self._is_silent(place)}
        return self.public is not None and "source" in heard and not self._wrong()

    def _is_silent(self, place: Place) -> bool:
        return self._silent.get(place, 0) >= SILENT_AFTER

    def _is_right(self, place: Place, said: Said) -> bool:
        if place.kind == "office" and said.addresses and self.inside.issuperset(said.addresses):
            return True
        return self.public is not None and said.addresses == (self.public,)

    def _public_event(self, look: Look) -> list[Event]:
        if look.public is None:
            return []
        old, seen_s = self.public, self._public_seen_s
        self.public, self._public_seen_s = look.public, look.at_unix_s
        if old == look.public:
            return []
        if old is not None:
            self._changed_s, self._right_after_s = look.at_unix_s, {}
            self._within_s = look.at_unix_s - seen_s if seen_s is not None else None
        known = None if old is None else (old,)
        return [Event("address", look.at_unix_s, None, known, (look.public,), within_s=self._within_s)]

    def _place_event(self, look: Look, place: Place, said: Said | None) -> list[Event]:
        if said is None:
            self._silent[place] = self._silent.get(place, 0) + 1
            return [Event("silent", look.at_unix_s, place)] if self._silent[place] == SILENT_AFTER else []
        was_silent = self._silent.pop(place, 0) >= SILENT_AFTER
        old, asked_s = self._said.get(place), self._asked_s.get(place)
        self._said[place], self._asked_s[place] = said, look.at_unix_s
        if old is not None and old.addresses == said.addresses and not was_silent:
            return []
        right = self._is_right(place, said) and old is not None
        after_s = self._since(look.at_unix_s) if right else None
        if after_s is not None and place not in self._right_after_s:
            self._right_after_s[place] = after_s
        within_s = look.at_unix_s - asked_s if asked_s is not None else None
        known = old.addresses if old is not None else None
        return [Event("answer", look.at_unix_s, place, known, said.addresses, after_s, within_s)]

    def _since(self, at_unix_s: float) -> float | None:
        return None if self._changed_s is None else at_unix_s - self._changed_s

    def _wrong(self) -> list[Place]:
        """Who answers, and says something else than the office's address."""
        return sorted(
            place
            for place, said in self._said.items()
            if not self._is_silent(place) and not self._is_right(place, said)
        )

    def waiting_for(self) -> list[tuple[Place, int | None]]:
        """Who still says something else, and for how many seconds it may keep that (None: it did not say)."""
        return [(place, self._said[place].ttl_s) for place in self._wrong()]

    @property
    def changed(self) -> bool:
        """Whether the office's address was seen to change."""
        return self._changed_s is not None

    @property
    def agreed(self) -> bool:
        """Whether everybody said the office's address at the last look."""
        return self._agreed

    def summary(self) -> Summary:
        """How it stands now."""
        times: Iterable[tuple[Place, float]] = sorted(self._right_after_s.items(), key=lambda item: (item[1], item[0]))
        silent = tuple(sorted(filter(self._is_silent, self._silent)))
        wrong = tuple(self._wrong())
        return Summary(self.public, self._changed_s, self._within_s, tuple(times), wrong, silent, agreed=self._agreed)
