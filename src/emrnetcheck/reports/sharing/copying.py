"""How is the redacted copy of a report, a week or a provider's evidence made?

Twice over: first to learn everything that has to be replaced, then to replace it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, fields, is_dataclass, replace
from datetime import UTC, date
from enum import Enum
from typing import Any, TypeVar

from emrnetcheck.evidence import EVIDENCE_NAMES, ClinicReport
from emrnetcheck.model import Cause, Code, ReportFinding, first_sentence
from emrnetcheck.reports.sharing.fields import HEADLINES, KEYED_BY_CHECK, NotShareable, kind_of
from emrnetcheck.reports.sharing.leaking import Secrets, leaks, parts
from emrnetcheck.reports.sharing.pseudonyms import Pseudonyms
from emrnetcheck.reports.sharing.rendered import rendered_words
from emrnetcheck.reports.sharing.rules import Rules
from emrnetcheck.reports.sharing.scrub import WORDS_ALONE, Scrubber, names_in
from emrnetcheck.reports.sharing.words import OWN_WORDS, words_in
from emrnetcheck.reports.week.told import Problem

_MADE_OF_SENTENCES = ("checks", "causes", "headline")  # in this order: each repeats sentences of the one before

_SENTENCES = ("summary", "advice", "say")

ToldT = TypeVar("ToldT")


@dataclass(frozen=True, slots=True)
class Speech:
    """What the program itself says: its codes with their sentences, the ids of its checks with their titles, and the
    keys under which findings keep their facts are the program's, too."""

    codes: Mapping[str, Code]
    titles: Mapping[str, str]

    def texts(self) -> tuple[str, ...]:
        """All its sentences, whichever a code has."""
        said = (getattr(code, each.name) for code in self.codes.values() for each in fields(code))
        return (*(text for text in said if type(text) is str), *self.titles.values())


@dataclass(frozen=True, slots=True)
class Shared:
    """The redacted copy, and all that must not be in anything made of it."""

    report: ClinicReport
    secrets: Secrets


def shared(report: ClinicReport, speech: Speech, also: Iterable[str] = ()) -> Shared:
    """A copy that can be shown to strangers. NotShareable where something in it is not known to be harmless.

    also: what must not be in it beside what the report itself holds, such as the name of this computer's user.
    """
    return Shared(*redacted(report, speech, also))


def redacted(
    told: ToldT, speech: Speech, also: Iterable[str] = (), *, of: Sequence[ClinicReport] = ()
) -> tuple[ToldT, Secrets]:
    """The same for what is told of several reports, such as a week, with all that must not be in anything made of it.

    of: reports that its sentences come from; what else is in those must not be in it either.
    """
    copier = _Copier(speech)
    for text in also:
        copier.pseudonyms.left_out(text)
    copier.copied((*of, told))
    copier.learnt()
    copier.copied(tuple(of))
    made = copier.copied(told)
    if not isinstance(made, type(told)):
        raise TypeError("the copy of a report is a report")
    if leaks(all_text(made), copier.secrets()) or leaks(all_text(made), copier.words()):
        raise NotShareable("a name or an address would still be in it")
    return made, copier.secrets_of_outputs()


class _Copier:
    """Walks through a report, field by field."""

    def __init__(self, speech: Speech) -> None:
        texts = speech.texts()
        known = {*speech.codes, *speech.titles}
        self._codes, self._titles = speech.codes, speech.titles
        self.pseudonyms = Pseudonyms()
        self.scrubber = Scrubber(
            self.pseudonyms,
            OWN_WORDS | words_in(*texts, *known, *EVIDENCE_NAMES),
            names_in(*texts) | known | {"e.g", "i.e"},
            texts,
        )
        self._rules = Rules(self.pseudonyms, self.scrubber, known)
        self._said: dict[str, str] = {}
        self._ours: set[str] = set()

    def learnt(self) -> None:
        """All has been seen: from now on it is replaced wherever it stands."""
        self.scrubber.know()
        self._said.clear()

    def secrets(self) -> Secrets:
        """What must not be in the copy: all that was replaced, but what tells nothing."""
        telling = self.scrubber.is_telling
        whole = frozenset(text for text in self.pseudonyms.originals if telling(text))
        return Secrets(whole, self._parts(text for text in whole if self.pseudonyms.has_name(text)))

    def secrets_of_outputs(self) -> Secrets:
        """What must not be in anything made of the copy: not what its renderers say by themselves, as in "Main
        figures", which tells nothing of a clinic in Main Street."""
        said = rendered_words() | words_in(*self._ours)
        found = self.secrets()
        whole = frozenset(text for text in found.whole if not (WORDS_ALONE.fullmatch(text) and words_in(text) <= said))
        return Secrets(whole, found.parts - said)

    def words(self) -> Secrets:
        """The words of texts that were left out: in the copy itself, which has no words of a page's own."""
        return Secrets(frozenset(), self._parts(self.pseudonyms.originals))

    def _is_ours(self, *names: str) -> None:
        """Names of fields and facts, and words of closed sets, stand in everybody's copy."""
        new = set(names) - self._ours
        self._ours |= new
        for name in new:
            self.scrubber.everywhere |= words_in(name)

    def _parts(self, texts: Iterable[str]) -> frozenset[str]:
        return frozenset(part for text in texts for part in parts(text) if self.scrubber.is_telling(part))

    def copied(self, value: object, field: str = "") -> object:
        """The same, with every text replaced as its field wants it."""
        if isinstance(value, str) and not isinstance(value, Enum):
            kind = kind_of(field)
            return self._headline(value) if field in HEADLINES else self._rules.applied(kind, value)
        if isinstance(value, date):
            self.scrubber.days.add(value.isoformat()[:10])
        if isinstance(value, Enum):
            self._is_ours(str(value.value))
        if value is None or value is UTC or isinstance(value, bool | int | float | date | Enum):
            return value
        if isinstance(value, tuple | frozenset):
            return type(value)(self.copied(each, field) for each in value)
        if isinstance(value, Mapping):
            if field in KEYED_BY_CHECK:
                value = {key: each for key, each in value.items() if key in self._titles}
            self._is_ours(*map(str, value))
            return {_key(key): self.copied(each, field) for key, each in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        raise NotShareable(
            f"nobody has said yet what may be shown of a {type(value).__name__}, as in the field {field}"
        )

    def _record(self, record: Any) -> object:  # noqa: ANN401 (any dataclass of a report)
        name = type(record).__name__
        self._is_ours(*(each.name for each in fields(record)))
        made = {
            each.name: self.copied(getattr(record, each.name), f"{name}.{each.name}")
            for each in sorted(fields(record), key=_when)
        }
        if isinstance(record, ReportFinding):
            made |= self._said_anew(record, made["facts"])
        if isinstance(record, Cause | Problem):
            made |= {each: self._said[was] for each in _SENTENCES if (was := getattr(record, each, "")) in self._said}
        return replace(record, **made)

    def _said_anew(self, finding: ReportFinding, facts: Any) -> dict[str, str]:  # noqa: ANN401 (checked by its keys)
        """The finding's sentences with what stays of its facts; as scrubbed, where this version says something else."""
        code = self._codes.get(finding.code)
        made: dict[str, str] = {}
        for name in _SENTENCES:
            template = getattr(code, name, "")
            try:
                before = template.format_map(finding.facts)
                if before and before == getattr(finding, name, before):  # what to say is told by the cause alone
                    made[name] = self._said[before] = self.scrubber.own(template).format_map(facts)
                    self._said.setdefault(first_sentence(before), first_sentence(made[name]))
            except (LookupError, ValueError, TypeError, AttributeError):
                pass  # of an older version with other facts
        made.pop("say", None)
        return made

    def _headline(self, text: str) -> str:
        """It ends with the first sentence of the first cause."""
        ending = max((said for said in self._said if text.endswith(said)), key=len, default="")
        return self.scrubber.text(text[: len(text) - len(ending)]) + self._said.get(ending, "")


def _when(field: Field[Any]) -> int:
    return _MADE_OF_SENTENCES.index(field.name) + 1 if field.name in _MADE_OF_SENTENCES else 0


def _key(key: object) -> str:
    """Of a fact or of evidence: the program's own words."""
    if isinstance(key, str) and key.isascii() and key.isidentifier():
        return key
    raise NotShareable("the name of a fact or of evidence is none of the program's")


def all_text(value: object) -> str:
    """Every text of the copy, each on a line of its own."""
    if isinstance(value, str):
        return f"{value}\n"
    if isinstance(value, Mapping):
        return "".join(all_text(each) for each in (*value, *value.values()))
    if isinstance(value, tuple | frozenset):
        return "".join(map(all_text, value))
    if is_dataclass(value) and not isinstance(value, type):
        return "".join(all_text(getattr(value, each.name)) for each in fields(value))
    return ""
