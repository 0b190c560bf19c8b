"""Where on the way to the EMR is the fault? From evidence to legs, from legs to one segment. Pure."""

from __future__ import annotations

from emrnetcheck.placing.core import place
from emrnetcheck.placing.proof import may_be_nearer
from emrnetcheck.placing.states import ABSENT, GOOD, UNKNOWN, Fault, Health, Leg, Placing, State, Sure

__all__ = ["ABSENT", "GOOD", "UNKNOWN", "Fault", "Health", "Leg", "Placing", "State", "Sure", "may_be_nearer", "place"]
