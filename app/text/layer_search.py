"""The layers there are, as people look for them: families with titles, and a forgiving search."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from app.text.fuzzy_match import Words, chain, letters, words_of
from app.theme.icons import NAMES
from app.theme.theme import FAMILIES
from engine.core.diagnostic import nearest_word
from engine.layers.base import first_line
from engine.layers.catalogue import kinds as catalogue

_TITLES = {
    "io": "Input and output",
    "dense": "Dense and embedding",
    "recurrent": "Recurrent",
    "conv": "Convolution",
    "pool": "Pooling",
    "merge": "Merging",
    "norm": "Normalisation",
    "activation": "Activation",
    "dropout": "Dropout and augmentation",
    "shape": "Shape",
    "attention": "Attention",
}
_REST = "families_rest"
_NEXT_HEAD = re.compile(r"\n(?=\S)")


class Rank(IntEnum):
    """How well a search found a kind; the least is the best."""

    EXACT = 0
    PREFIX = 1
    WORD = 2
    CAPITALS = 3
    INNER_CAPITALS = 4
    TERM = 5
    INSIDE = 6
    FAMILY = 7
    DOCUMENTATION = 8


@dataclass(frozen=True)
class About:
    """What a person is told of a kind.

    Args:
        kind: its name, as in a file.
        family, title: the family, and what the palette calls it.
        summary: one sentence.
        shapes: what goes in and what comes out, some lines.
        terms: other words that people search it by.
    """

    kind: str
    family: str
    title: str
    summary: str
    shapes: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A kind that a search found.

    Args:
        about: the kind.
        rank: how well it was found; of a search of several words, the sum.
        matched: places of the letters in its name that were found.
        term: the search word that found it, where its name did not.
    """

    about: About
    rank: int = 0
    matched: tuple[int, ...] = ()
    term: str = ""

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.about.kind


@dataclass(frozen=True)
class _Entry:
    """A kind made ready for the search."""

    about: About
    name: str
    words: Words
    terms: tuple[str, ...]
    family: tuple[str, ...]
    summary: tuple[str, ...]


@cache
def abouts() -> dict[str, About]:
    """Return what there is to tell of each kind, in palette order."""
    found = []
    for kind, cls in catalogue().items():
        title = _TITLES.get(cls.family, cls.family.capitalize())
        about = About(kind, cls.family, title, first_line(cls), _shapes(cls), cls.words)
        found.append(about)
    stems = [(about.family, re.sub(r"\dD", "", about.kind)) for about in found]
    first = {stem: place for place, stem in reversed(list(enumerate(stems)))}
    in_order = sorted(zip(stems, found, strict=True), key=lambda it: (first[it[0]], it[1].kind))
    return {about.kind: about for _, about in in_order}


@cache
def families() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return (family, title, kinds) in palette order."""
    grouped: dict[str, list[About]] = {}
    for about in abouts().values():
        grouped.setdefault(about.family, []).append(about)
    return tuple(
        (family, members[0].title, tuple(about.kind for about in members))
        for family, members in grouped.items()
    )


def sign_of(kind: str) -> tuple[str, str]:
    """Return the icon of a kind and the token of its family's tint, of unknown kinds too."""
    about = abouts().get(kind)
    family = about.family if about else ""
    icon = next((name for name in (kind, family) if name in NAMES), _REST)
    return icon, family if family in FAMILIES else _REST


def search(
    text: str, kinds: Collection[str] | None = None, recent: Sequence[str] = ()
) -> list[Hit]:
    """Return the kinds that a text finds, best first.

    Args:
        text: letters of a name ("conv", "gap", "c1"), or words of what is wanted ("mean"). An
            empty text finds all, the recent ones first.
        kinds: look among these only.
        recent: kinds used lately, the last one first; they come first among equals.
    """
    wanted = text.casefold().split()
    among = [entry for entry in _entries() if kinds is None or entry.about.kind in kinds]
    place = {kind: number for number, kind in enumerate(recent)}
    hits = [hit for entry in among if (hit := _match(entry, wanted)) is not None]
    return sorted(hits, key=lambda hit: (hit.rank, place.get(hit.kind, len(place))))


def leads(hit: Hit, others: Sequence[Hit]) -> bool:
    """Return whether a text names this kind, and found the others by less than that.

    Why: who types "embedding" wants no Dense, which is found by the name of their family.
    """
    if not others:
        return True
    rank = others[0].rank
    return hit.rank == Rank.EXACT < rank or hit.rank < Rank.FAMILY <= rank


def nearest(text: str, kinds: Collection[str] | None = None) -> str | None:
    """Return the kind whose name is most like a mistyped one, if any is near."""
    return nearest_word(text, abouts() if kinds is None else kinds)


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            about,
            about.kind.casefold(),
            words_of(about.kind),
            tuple(dict.fromkeys([*about.terms, *letters(" ".join(about.terms))])),
            letters(about.title),
            letters(about.summary),
        )
        for about in abouts().values()
    )


def _match(entry: _Entry, wanted: Sequence[str]) -> Hit | None:
    """Try all words of the search in one piece, then each by itself."""
    if not wanted:
        return Hit(entry.about)
    whole = _match_one(entry, " ".join(wanted))
    if whole is not None or len(wanted) == 1:
        return whole
    parts = [_match_one(entry, word) for word in wanted]
    found = [part for part in parts if part is not None]
    if len(found) < len(wanted):
        return None
    matched = sorted({place for part in found for place in part.matched})
    term = next((part.term for part in found if part.term), "")
    return Hit(entry.about, sum(part.rank for part in found), tuple(matched), term)


def _match_one(entry: _Entry, text: str) -> Hit | None:
    return _match_name(entry, text.replace(" ", "")) or _match_words(entry, text)


def _match_name(entry: _Entry, text: str) -> Hit | None:
    if entry.name.startswith(text):
        rank = Rank.EXACT if entry.name == text else Rank.PREFIX
        return Hit(entry.about, rank, tuple(range(len(text))))
    for start, _ in entry.words:
        if entry.name.startswith(text, start):
            return Hit(entry.about, Rank.WORD, tuple(range(start, start + len(text))))
    if text in entry.terms:
        return Hit(entry.about, Rank.WORD, (), text)
    places = chain(text, entry.words)
    if places is not None:
        return Hit(entry.about, Rank.INNER_CAPITALS if places[0] else Rank.CAPITALS, places)
    return None


def _match_words(entry: _Entry, text: str) -> Hit | None:
    """Look beyond the name; the fewer the letters, the less is looked at, as all would match."""
    if len(text) < 2:
        return None
    for term in entry.terms:
        if term.startswith(text):
            return Hit(entry.about, Rank.TERM, (), term)
    start = entry.name.find(text)
    if start >= 0:
        return Hit(entry.about, Rank.INSIDE, tuple(range(start, start + len(text))))
    if len(text) < 3:
        return None
    if any(word.startswith(text) for word in entry.family):
        return Hit(entry.about, Rank.FAMILY)
    if any(word.startswith(text) for word in entry.summary):
        return Hit(entry.about, Rank.DOCUMENTATION)
    return None


def _shapes(cls: type) -> str:
    """Return the Shapes part of a class's documentation, its lines without their indents."""
    _, found, rest = (inspect.getdoc(cls) or "").partition("\nShapes:")
    part = _NEXT_HEAD.split(rest, maxsplit=1)[0] if found else ""
    return "\n".join(line.strip() for line in part.strip().splitlines())
