"""Layer types for the palette and add menu: families with titles, and a fuzzy search."""

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
_FALLBACK = "families_rest"
_NEXT_SECTION = re.compile(r"\n(?=\S)")


class Rank(IntEnum):
    """How a search matched a layer type; the smallest value is the best match."""

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
    """The description of a layer type.

    Args:
        kind: the name of the layer type, as in a file.
        family, title: the family, and its title in the palette.
        summary: one sentence.
        shapes: the input and output shapes, one or more lines.
        terms: further search terms.
    """

    kind: str
    family: str
    title: str
    summary: str
    shapes: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """A search result.

    Args:
        info: the layer type.
        rank: the quality of the match; for a search of several words, the sum.
        matched_indices: indices of the matched letters in its name.
        term: the search term that matched, if the name did not.
    """

    about: About
    rank: int = 0
    matched: tuple[int, ...] = ()
    term: str = ""

    @property
    def kind(self) -> str:
        """The name of the layer type."""
        return self.about.kind


@dataclass(frozen=True)
class _Entry:
    """A layer type with its texts split into lower-case words."""

    about: About
    name: str
    words: Words
    terms: tuple[str, ...]
    family: tuple[str, ...]
    summary: tuple[str, ...]


@cache
def abouts() -> dict[str, About]:
    """Return the description of each layer type, in palette order.

    The order is that of the catalogue, except that the 1D, 2D and 3D variants of a layer follow
    each other.
    """
    infos = []
    for kind, cls in catalogue().items():
        title = _TITLES.get(cls.family, cls.family.capitalize())
        infos.append(About(kind, cls.family, title, first_line(cls), _shapes(cls), cls.words))
    stems = [(info.family, re.sub(r"\dD", "", info.kind)) for info in infos]
    first_index = {stem: index for index, stem in reversed(list(enumerate(stems)))}
    in_order = sorted(
        zip(stems, infos, strict=True), key=lambda pair: (first_index[pair[0]], pair[1].kind)
    )
    return {info.kind: info for _, info in in_order}


@cache
def families() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return (family, title, layer types) in palette order."""
    members_by_family: dict[str, list[About]] = {}
    for info in abouts().values():
        members_by_family.setdefault(info.family, []).append(info)
    return tuple(
        (family, members[0].title, tuple(info.kind for info in members))
        for family, members in members_by_family.items()
    )


def sign_of(kind: str) -> tuple[str, str]:
    """Return the icon name of a layer type and the colour token of its family.

    Unknown layer types get a neutral icon and colour.
    """
    info = abouts().get(kind)
    family = info.family if info else ""
    icon = next((name for name in (kind, family) if name in NAMES), _FALLBACK)
    return icon, family if family in FAMILIES else _FALLBACK


def search(
    text: str, kinds: Collection[str] | None = None, recent: Sequence[str] = ()
) -> list[Hit]:
    """Return the layer types that match a text, best match first.

    Args:
        text: letters of a name ("conv", "gap", "c1"), or search words ("mean"). An empty text
            matches all, the recent ones first.
        kinds: search only these layer types.
        recent: recently used layer types, newest first; they come first among equal matches.
    """
    words = text.casefold().split()
    entries = [entry for entry in _entries() if kinds is None or entry.about.kind in kinds]
    recency = {kind: index for index, kind in enumerate(recent)}
    hits = [hit for entry in entries if (hit := _match(entry, words)) is not None]
    return sorted(hits, key=lambda hit: (hit.rank, recency.get(hit.kind, len(recency))))


def leads(hit: Hit, others: Sequence[Hit]) -> bool:
    """Return whether the first hit matches by name and clearly better than all others.

    Why: "embedding" means Embedding and not Dense, which matches by the title of its family only.
    """
    if not others:
        return True
    rank = others[0].rank
    return hit.rank == Rank.EXACT < rank or hit.rank < Rank.FAMILY <= rank


def nearest(text: str, kinds: Collection[str] | None = None) -> str | None:
    """Return the layer type whose name is most similar to a mistyped one, if any is close."""
    return nearest_word(text, abouts() if kinds is None else kinds)


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            info,
            info.kind.casefold(),
            words_of(info.kind),
            tuple(dict.fromkeys([*info.terms, *letters(" ".join(info.terms))])),
            letters(info.title),
            letters(info.summary),
        )
        for info in abouts().values()
    )


def _match(entry: _Entry, words: Sequence[str]) -> Hit | None:
    """Match the search words as one phrase; if that fails, require a match of every word."""
    if not words:
        return Hit(entry.about)
    phrase_hit = _match_phrase(entry, " ".join(words))
    if phrase_hit is not None or len(words) == 1:
        return phrase_hit
    hits = [hit for word in words if (hit := _match_phrase(entry, word)) is not None]
    if len(hits) < len(words):
        return None
    matched = sorted({index for hit in hits for index in hit.matched})
    term = next((hit.term for hit in hits if hit.term), "")
    return Hit(entry.about, sum(hit.rank for hit in hits), tuple(matched), term)


def _match_phrase(entry: _Entry, text: str) -> Hit | None:
    return _match_name(entry, text.replace(" ", "")) or _match_words(entry, text)


def _match_name(entry: _Entry, text: str) -> Hit | None:
    """Match the name: from its beginning, from a word in it, or by initials of its words."""
    if entry.name.startswith(text):
        rank = Rank.EXACT if entry.name == text else Rank.PREFIX
        return Hit(entry.about, rank, tuple(range(len(text))))
    for start, _ in entry.words:
        if entry.name.startswith(text, start):
            return Hit(entry.about, Rank.WORD, tuple(range(start, start + len(text))))
    if text in entry.terms:
        return Hit(entry.about, Rank.WORD, (), text)
    indices = chain(text, entry.words)
    if indices is not None:
        return Hit(entry.about, Rank.INNER_CAPITALS if indices[0] else Rank.CAPITALS, indices)
    return None


def _match_words(entry: _Entry, text: str) -> Hit | None:
    """Match search terms, inner parts of the name, family title and summary.

    Short texts are compared with fewer of these, since they would match almost everything.
    """
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
    """Return the "Shapes:" section of a class docstring, without indentation."""
    _, heading, rest = (inspect.getdoc(cls) or "").partition("\nShapes:")
    section = _NEXT_SECTION.split(rest, maxsplit=1)[0] if heading else ""
    return "\n".join(line.strip() for line in section.strip().splitlines())
