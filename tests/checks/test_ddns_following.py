"""Is a change followed from look to look, with the right times, and when does everybody agree?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.checks.ddns.following import SILENT_AFTER, Event, Following, Look, Place, Said

OLD, NEW, LAN = "93.184.216.99", "93.184.216.34", "192.168.1.10"
SOURCE = Place("source", "93.184.1.53", "ns1.example")
SECOND = Place("source", "93.184.2.53", "ns2.example")
PUBLIC = Place("resolver", "1.1.1.1")
OFFICE = Place("office", "192.168.1.1")


def said(address: str | None, ttl_s: int | None = 60) -> Said | None:
    return None if address is None else Said((address,) if address else (), ttl_s)


def look(at_s: float, office_address: str | None, /, **places: str | None) -> Look:
    by_name = {"source": SOURCE, "second": SECOND, "public": PUBLIC, "office": OFFICE}
    return Look(at_s, office_address, {by_name[name]: said(address) for name, address in places.items()})


def told(events: list[Event]) -> list[tuple[str, Place | None, float | None]]:
    return [(event.kind, event.place, event.after_s) for event in events]


def test_the_first_look_tells_how_it_stands() -> None:
    following = Following()
    events = following.take(look(0, NEW, source=NEW, public=NEW))
    assert told(events) == [
        ("address", None, None),
        ("answer", PUBLIC, None),
        ("answer", SOURCE, None),
        ("agreed", None, None),
    ]
    assert following.take(look(5, None, source=NEW, public=NEW)) == []
    assert (following.agreed, following.changed) == (True, False)


def test_a_change_is_followed_to_the_end() -> None:
    following = Following()
    following.take(look(0, OLD, source=OLD, public=OLD, office=OLD))
    assert told(following.take(look(5, NEW, source=OLD, public=OLD, office=OLD))) == [("address", None, None)]
    assert following.waiting_for() == [(OFFICE, 60), (PUBLIC, 60), (SOURCE, 60)]
    assert told(following.take(look(10, None, source=NEW, public=OLD, office=OLD))) == [("answer", SOURCE, 5)]
    assert told(following.take(look(40, NEW, source=NEW, public=NEW, office=OLD))) == [("answer", PUBLIC, 35)]
    assert not following.agreed
    assert told(following.take(look(65, NEW, source=NEW, public=NEW, office=NEW))) == [
        ("answer", OFFICE, 60),
        ("agreed", None, 60),
    ]
    summary = following.summary()
    assert (summary.changed_unix_s, summary.within_s, summary.agreed) == (5, 5, True)
    assert summary.right_after_s == ((SOURCE, 5), (PUBLIC, 35), (OFFICE, 60))


def test_the_time_since_the_last_sight_of_the_old_address_is_told() -> None:
    following = Following()
    for at_s, public in ((0, OLD), (5, None), (10, None)):
        following.take(look(at_s, public, source=OLD))
    (event, *_) = following.take(look(30, NEW, source=OLD))
    assert (event.kind, event.old, event.new, event.within_s) == ("address", (OLD,), (NEW,), 30)


def test_one_lost_answer_is_no_event_and_a_silent_place_holds_nobody_up() -> None:
    following = Following()
    following.take(look(0, NEW, source=NEW, public=OLD))
    assert following.take(look(5, None, source=NEW, public=None)) == []
    assert told(following.take(look(10, None, source=NEW, public=None))) == [
        ("silent", PUBLIC, None),
        ("agreed", None, None),
    ]
    assert SILENT_AFTER == 2
    assert following.summary().silent == (PUBLIC,)
    assert told(following.take(look(15, None, source=NEW, public=OLD))) == [("answer", PUBLIC, None)]
    assert not following.agreed


def test_nobody_agrees_without_a_source_or_without_the_offices_address() -> None:
    assert Following().take(look(0, NEW, public=NEW))[-1].kind == "answer"
    assert Following().take(look(0, None, source=NEW))[-1].kind == "answer"


def test_the_office_may_give_the_servers_own_address_and_others_may_not() -> None:
    following = Following(frozenset({LAN}))
    assert following.take(look(0, NEW, source=NEW, office=LAN))[-1].kind == "agreed"
    assert following.take(look(5, NEW, source=NEW, public=LAN))[-1].kind == "answer"
    assert following.summary().wrong == (PUBLIC,)


def test_a_name_that_vanishes_is_an_answer() -> None:
    following = Following()
    following.take(look(0, NEW, source=NEW))
    (event,) = following.take(look(5, NEW, source=""))
    assert (event.old, event.new, event.after_s) == ((NEW,), (), None)


ADDRESSES = st.sampled_from([OLD, NEW, "", None])


@given(st.lists(st.tuples(st.sampled_from([OLD, NEW, None]), ADDRESSES, ADDRESSES, ADDRESSES), max_size=30))
def test_whatever_comes_the_events_are_the_state(rows: list[tuple[str | None, ...]]) -> None:
    """Somebody who reads only the events knows what each place says, and the state does not grow."""
    following, known = Following(), dict[Place, tuple[str, ...]]()
    for number, (public, source, other, office) in enumerate(rows):
        for event in following.take(look(number, public, source=source, public=other, office=office)):
            if event.kind == "answer" and event.place is not None:
                known[event.place] = event.new
            assert event.after_s is None or event.after_s >= 0
    waiting = {place for place, _ in following.waiting_for()}
    assert waiting <= set(known) <= {SOURCE, PUBLIC, OFFICE}
    assert all(known[place] != (following.public,) for place in waiting)
