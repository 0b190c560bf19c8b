"""Whom does a watch ask, and what is noticed of this computer and its surroundings meanwhile?"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace

from emrnetcheck.evidence.watch import Happening, Sample, Watched
from emrnetcheck.model import NO_SUCH_NAME
from emrnetcheck.placing import Leg
from emrnetcheck.probes.watching import survey
from emrnetcheck.probes.watching.looks import NameAsker, NameLook
from emrnetcheck.probes.watching.survey import Around, Asked, Connection
from emrnetcheck.probes.watching.target import Target

_NAME_TWICE = 2
_SHUT_TWICE = 2
_ERRORS_MOST, _ERRORS_S = 10, 30.0  # netfacts.md 5.2: more than ten errors of a network card are a fault
_NOT_VISIBLE = "no router beyond this office's answers"
_SURVEY_EVERY_S = 300.0
_SURVEY_SOON_S = 60.0


@dataclass(frozen=True, slots=True)
class Moved:
    """The EMR is reached in another way from now on, or this computer is connected otherwise."""

    inside: bool | None
    wireless: bool
    vpn: bool = False


Found = Sample | Happening | Watched | Moved
Place = tuple[str | None, str | None, str | None, bool]


@dataclass(slots=True)
class Whom:
    """Who is asked now. fresh: legs that are asked from now on, or otherwise than before; stale: sockets that were
    opened before are of no use any more, and it is time to look around. Whoever asks takes note of both, and clears
    them. _left: the public address of this office that the EMR's name leads to, though the office has another now.
    _public_at: in which place the public address was seen that is known. _shut: how often in a row the EMR's port did
    not open."""

    target: Target
    inside: bool | None = False
    wireless: bool = False
    vpn: bool = False
    address: str | None = None
    around: Around | None = None
    connection: Connection | None = None
    watched: dict[Leg, Watched] = field(default_factory=dict)
    fresh: set[Leg] = field(default_factory=set)
    stale: bool = False
    _left: str | None = None
    _public_at: Place | None = None
    _shut: int = 0
    _new_address: tuple[str, int] = ("", 0)
    _errors: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=60))

    def begin(self, names: NameAsker) -> None:
        """Where the EMR is, as its name says."""
        if self.target.host is not None:
            self.address = names.first()

    def settle(self, around: Around) -> list[Watched]:
        """Whom to ask now; those that are other than before."""
        if self.around is None:
            self._public_at = _place(around.connection)
        self.around, self.connection = around, around.connection
        self.wireless, self.vpn = around.connection.wireless, around.connection.vpn
        self.inside = False if self.address is None else survey.is_inside(self.address, around)
        fresh = {
            Leg.ROUTER: _watched(Leg.ROUTER, around.router, "no router is known"),
            Leg.PEER: _watched(Leg.PEER, around.peer, "no other computer of this network is known"),
            Leg.ISP: _watched(Leg.ISP, around.isp, _NOT_VISIBLE),
            Leg.OUTSIDE: _watched(Leg.OUTSIDE, around.outside, "nobody is named to be asked"),
            Leg.NAME: self._name_leg(),
            Leg.PATH: self._path_leg(around.outside),
            **self._server_legs(),
        }
        changed = [each for leg, each in fresh.items() if self.watched.get(leg) != each]
        self.watched = fresh
        return changed

    def _name_leg(self) -> Watched:
        literal = self.target.name.replace(".", "").isdigit() or ":" in self.target.name
        return Watched(Leg.NAME, "" if literal else self.target.name, "none" if literal else "dns")

    def _path_leg(self, outside: Asked | None) -> Watched:
        """Packets of full size go to the EMR, if it is not in this office."""
        towards = self.address if self.address is not None and not self.inside else None
        other = outside.address if outside is not None else ""
        return Watched(Leg.PATH, towards or other, "icmp" if towards or other else "none")

    def _server_legs(self) -> dict[Leg, Watched]:
        if self.target.host is None:
            return {}
        where = f"{self.address}:{self.target.port}" if self.address is not None else ""
        why = "" if where else "its name leads nowhere"
        return {
            Leg.SERVER_TCP: Watched(Leg.SERVER_TCP, where, f"tcp:{self.target.port}" if where else "none", why),
            Leg.SERVER_ANSWER: Watched(Leg.SERVER_ANSWER, where, "http" if where else "none", why),
            Leg.SERVER_BULK: Watched(Leg.SERVER_BULK, where, "http" if where else "none", why),
        }

    def survey_every_s(self) -> float:
        """Sooner while somebody is missing who may come back."""
        around = self.around
        missing = around is None or around.isp is None or around.router is None or around.public is None
        return _SURVEY_SOON_S if missing else _SURVEY_EVERY_S

    def neighbours(self) -> tuple[str, ...]:
        """The addresses of this network that the way to the EMR leads by."""
        router = self.watched[Leg.ROUTER].target if Leg.ROUTER in self.watched else ""
        emr = self.address if self.inside and self.address is not None else ""
        return tuple(each for each in (router, emr) if each)

    def own(self, now: Connection, at_s: float) -> list[Found]:
        """This computer's own connection, and whether it changed."""
        before = self.connection
        self.connection = now
        if now.address is not None and _place(now) != self._public_at:
            self._left = None  # whoever goes elsewhere has another public address there, and his EMR keeps its own
        fault = ""
        if now.address is None or not now.is_up:
            fault = "dead"
        elif now.link_fault:
            fault = "rate"
        elif self._grown_errors(now, before, at_s) > _ERRORS_MOST:
            fault = "loss"
        found: list[Found] = [Sample(Leg.OWN, at_s, None, fault=fault)]
        if before is None:
            return found
        changes = (("own_address", before.address, now.address), ("gateway", before.gateway, now.gateway))
        changed = [Happening(kind, at_s, old or "", new or "") for kind, old, new in changes if old != new and new]
        if changed or (before.interface != now.interface and now.interface is not None):
            self.stale = True  # sockets keep the address that they were opened with
        was_dead = before.address is None or not before.is_up
        if (fault == "dead") != was_dead:
            found.append(Happening("no_connection" if fault == "dead" else "connection_back", at_s))
            if was_dead:
                self.stale = True
        if now.vpn != self.vpn:
            # At once: the look around comes after what it keeps back is silent.
            self.vpn, self.wireless = now.vpn, now.wireless
            found.append(self._moved())
        return [*found, *changed]

    def _grown_errors(self, now: Connection, before: Connection | None, at_s: float) -> int:
        """How many more errors the card has counted, of late."""
        if now.errors is None or before is None or before.interface != now.interface:
            self._errors.clear()
        if now.errors is None:
            return 0
        if not self._errors and before is not None and before.errors is not None:
            self._errors.append((at_s, before.errors))
        self._errors.append((at_s, now.errors))
        while self._errors[0][0] < at_s - _ERRORS_S:
            self._errors.popleft()
        return now.errors - self._errors[0][1]

    def named(self, look: NameLook) -> list[Found]:
        """What a look-up said; another address of the EMR is followed once it is said twice."""
        wrong = look.wrong or (look.ms is not None and self._left is not None and self._left in look.addresses)
        missing = look.failure is not None and look.failure.kind in NO_SUCH_NAME
        fault = "missing" if missing else "wrong" if wrong else ""
        found: list[Found] = [Sample(Leg.NAME, look.at_s, look.ms, look.failure, fault)]
        if self.target.host is None or look.wrong or not look.addresses:
            self._new_address = ("", 0)
        elif self.address in look.addresses:
            self._new_address = ("", 0)
            if look.opens not in (None, self.address) and self.is_shut():
                found += self._emr_moved(look.opens or "", look.at_s, kind="server_other")
        elif self._is_said_again(look) or self.address is None:
            found += self._emr_moved(self._new_address[0], look.at_s)
        return found

    def _is_said_again(self, look: NameLook) -> bool:
        """Whether it is the second time that the name leads away from here; and to where: where the port opens."""
        last, count = self._new_address
        new = look.opens or (last if last in look.addresses else look.addresses[0])
        self._new_address = (new, count + 1 if last == new else 1)
        return self._new_address[1] >= _NAME_TWICE

    def heard(self, sample: Sample) -> None:
        """Whether the EMR's port opens; where it does, nobody has left that address. Other legs are nothing to it."""
        if sample.leg != Leg.SERVER_TCP:
            return
        opens = sample.rtt_ms is not None and not sample.fault
        self._shut = 0 if opens else self._shut + 1
        if opens:
            self._left = None

    def is_shut(self) -> bool:
        """Whether the EMR's port does not open where it is asked."""
        return self._shut >= _SHUT_TWICE

    def _moved(self) -> Moved:
        return Moved(self.inside, self.wireless, self.vpn)

    def is_by_own_public(self) -> bool:
        """Whether the EMR is reached by this office's own public address. By a VPN that is its other end's."""
        around = self.around
        return around is not None and not self.vpn and self.address is not None and self.address == around.public

    def place(self) -> Place | None:
        """By what this computer knows the place that it is in, and its way out."""
        return None if self.connection is None else _place(self.connection)

    def public_now(self, public: str, seen_at: Place | None, at_s: float) -> list[Found]:
        """The public address as it was seen in that place. Where this computer stayed in it and the address is another
        one, the name still leads to the one that was left."""
        if self.around is None or seen_at is None or not seen_at[0]:
            return []  # while a connection comes back nobody knows in which place it was seen: the next look tells
        here = seen_at if seen_at == self.place() else None
        stayed, self._public_at = here is not None and here == self._public_at, here
        if self.around.public in (None, public):
            return []
        old = self.around.public
        if stayed and self.is_by_own_public():
            self._left = old
        self.around = replace(self.around, public=public)
        return [Happening("public_address", at_s, old or "", public)]

    def _emr_moved(self, new: str, at_s: float, *, kind: str = "server_address") -> list[Found]:
        old, self.address, self._left, self._shut = self.address, new, None, 0
        found: list[Found] = [Happening(kind, at_s, old or "", new)] if old else []
        if self.around is not None:
            self.inside = survey.is_inside(new, self.around)
        fresh = self._server_legs()
        self.watched |= fresh
        self.fresh |= set(fresh)
        return [*found, *fresh.values(), self._moved()]

    def surveyed(self, around: Around, at_s: float) -> list[Found]:
        """What a look around says that is new."""
        before = self.around
        if around.connection.address is None:
            around = replace(around, public=None)
        found: list[Found] = []
        if before is not None:
            if around.public is not None:
                found += self.public_now(around.public, _place(around.connection), at_s)
            around = _kept(before, around)
        was = self._moved()
        own = self.connection
        changed = self.settle(around)
        self.connection = own  # its own look tells what changed of it
        self.fresh |= {Leg(each.leg) for each in changed}
        found += changed
        now = self._moved()
        return [*found, *([now] if now != was else [])]


def _kept(before: Around, now: Around) -> Around:
    """In a trouble nobody answers a survey: who was asked until then, in the same place, goes on to be asked."""
    if before.connection.gateway != now.connection.gateway and now.connection.gateway is not None:
        return now
    if ":" in (now.connection.address or "") and before.connection.gateway is not None:
        return now  # by IPv6 alone: who was asked is out of reach, and that is nobody's fault
    return replace(
        now,
        router=before.router or now.router,
        peer=before.peer or now.peer,
        outside=before.outside or now.outside,
        isp=before.isp or now.isp,
        isp_ttl=before.isp_ttl if before.isp is not None else now.isp_ttl,
        public=now.public or before.public,
    )


def _watched(leg: Leg, asked: Asked | None, why: str) -> Watched:
    return Watched(leg, "", "none", why) if asked is None else Watched(leg, asked.address, asked.method)


def _place(connection: Connection) -> Place:
    return connection.address, connection.interface, connection.gateway, connection.vpn
