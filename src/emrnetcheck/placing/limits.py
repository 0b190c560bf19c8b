"""From when on is a leg of the way bad? One place, so that `client` and `watch` say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class LegLimits:
    """By cable and by Wi-Fi; near: to the router, to other computers of this network, and to an EMR in it.

    Medians, because single late answers are this computer's own.
    """

    wired_ms: float = limit(
        6.0, "Near, by cable: a longer median answer is slow.", "rule of thumb: 5 ms, with room for a busy computer"
    )
    wired_jitter_ms: float = limit(
        6.0,
        "Near, by cable: answers that change by more are uneven.",
        "rule of thumb: 3 ms, with room for a busy computer",
    )
    wifi_ms: float = limit(30.0, "Near, by Wi-Fi: a longer median answer is slow.")
    wifi_jitter_ms: float = limit(30.0, "Near, by Wi-Fi: answers that change by more are uneven.")
    wired_late_ms: float = limit(
        30.0, "Near, by cable: 5 of 100 answers later than this, again and again, are a fault."
    )
    wifi_late_ms: float = limit(
        100.0, "Near, by Wi-Fi: 5 of 100 answers later than this, again and again, are a fault."
    )
    near_loss_ratio: float = limit(
        0.002,
        "Near, by cable: more is lost for sure (95 %), and more than one probe.",
        "rule of thumb: 0.2 % for sure is 0.6 % of 800 probes",
    )
    wifi_loss_ratio: float = limit(0.005, "Near, by Wi-Fi: more is lost for sure (95 %), and more than one probe.")
    far_loss_ratio: float = limit(
        0.01,
        "On the Internet: more is lost for sure (95 %), and more than one probe.",
        "Microsoft's connectivity test allows 1 %",
    )
    isp_ms: float = limit(
        120.0,
        "To the provider's first router: a longer median answer is slow.",
        "rule of thumb; a copper line takes some 20 ms",
    )
    outside_ms: float = limit(
        200.0,
        "To a host with machines everywhere: a longer median answer is slow.",
        "ITU-T Y.1541 class 0: 100 ms one way for the whole way",
    )
    far_ms: float = limit(300.0, "To an EMR elsewhere: a longer median answer is slow.", "ITU-T G.114: 150 ms one way")
    far_jitter_ms: float = limit(
        50.0, "To an EMR elsewhere: answers that change by more are uneven.", "ITU-T Y.1541 class 0"
    )
    name_ms: float = limit(
        300.0, "A look-up that may go to the Internet is slow above this.", "rule of thumb: 200 ms, and the way there"
    )
    answer_ms: float = limit(
        1000.0,
        "TLS and the first byte of a page, less their round trips, are late above this.",
        "Nielsen, Usability Engineering, 1993: over a second is felt as a wait",
    )
    page_s: float = limit(
        4.0, "A page whose main part takes longer comes slowly.", "web.dev, Largest Contentful Paint: over 4 s is poor"
    )
    bulk_mbps: float = limit(
        2.0, "Pages and their pictures that come at less are slow.", "rule of thumb; a page of 1 MB takes 4 s then"
    )
    own_mbps: float = limit(2.0, "The least that a line has to carry downwards.", "as bulk_mbps")
    like_bulk: float = limit(
        1.7,
        "Nothing else comes faster than the EMR's pages do, by this factor: it is the line.",
        "measured in the laboratory",
        unit="times",
    )
    stretch_ms: float = limit(
        100.0, "One stretch between two routers that adds more is slow.", "rule of thumb, beside ITU-T Y.1541"
    )
    damaged_frames: float = limit(
        10.0,
        "More damaged frames than this, while it is measured, are a fault of the cable or the card.",
        unit="frames",
    )
    loaded_ms: float = limit(100.0, "The round trip grows by more while pages come: the way is full.")
    loaded_factor: float = limit(
        3.0, "The round trip grows by more than so many times while pages come: the way is full."
    )
    slow_card_mbps: float = limit(10.0, "A wired link at this speed or below is a fault.", "rule of thumb")


USUAL = LegLimits()


def limits_set(limits: Mapping[str, Mapping[str, float]]) -> LegLimits:
    """Those of the settings, [limits] segment.*; the usual ones where nothing is set."""
    return replace(USUAL, **limits.get("segment", {}))
