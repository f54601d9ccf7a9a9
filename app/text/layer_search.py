"""Layer types for the palette and the add menu: families with titles, and a fuzzy search."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from app.text.fuzzy_match import NameWords, lower_words, match_word_prefixes, split_name
from app.theme.icons import GLYPHS
from app.theme.theme import FAMILIES
from engine.core.diagnostic import nearest_kind
from engine.diagram.palette import FAMILY_TITLES
from engine.layers.base import docstring_summary
from engine.layers.catalogue import layer_classes as catalogue

_FALLBACK = "families_rest"
_NEXT_SECTION = re.compile(r"\n(?=\S)")


class MatchRank(IntEnum):
    """How a search text matched a layer type; smaller values are better matches."""

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
class LayerInfo:
    """The description of a layer type.

    Args:
        kind: the name of the layer type, as in a graph file.
        family: the identifier of its layer family.
        title: the title of the family in the palette.
        summary: the description in one sentence.
        shapes: the input and output shapes, one or more lines.
        terms: further search terms, such as synonyms.
    """

    kind: str
    family: str
    title: str
    summary: str
    shapes: str
    terms: tuple[str, ...]


@dataclass(frozen=True)
class SearchHit:
    """A search result.

    Args:
        info: the layer type that was found.
        rank: the `MatchRank`; the sum of the ranks if several words were searched one by one.
        matched_indices: the indices of the matched letters in the name of the layer type.
        term: the term in `LayerInfo.terms` that matched, "" if no term matched.
    """

    info: LayerInfo
    rank: int = 0
    matched_indices: tuple[int, ...] = ()
    term: str = ""

    @property
    def kind(self) -> str:
        """The name of the layer type."""
        return self.info.kind


@dataclass(frozen=True)
class _Entry:
    """A layer type with its texts split into lower-case words."""

    about: LayerInfo
    name: str
    words: NameWords
    terms: tuple[str, ...]
    family: tuple[str, ...]
    summary: tuple[str, ...]


@cache
def layer_infos() -> dict[str, LayerInfo]:
    """Return the description of each layer type by its name, in palette order.

    The order is that of the catalogue, except that the 1D, 2D and 3D variants of a layer follow
    each other.
    """
    infos = []
    first_index: dict[tuple[str, str], int] = {}  # by (family, name without 1D, 2D or 3D)
    for index, (kind, cls) in enumerate(catalogue().items()):
        title = FAMILY_TITLES.get(cls.family, cls.family.capitalize())
        info = LayerInfo(kind, cls.family, title, docstring_summary(cls), _shapes(cls), cls.words)
        stem = (cls.family, re.sub(r"\dD", "", kind))
        infos.append((first_index.setdefault(stem, index), kind, info))
    return {kind: info for _, kind, info in sorted(infos, key=lambda entry: entry[:2])}


@cache
def layer_families() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return (family, title, layer types) of each family, in palette order."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for info in layer_infos().values():
        kinds.setdefault((info.family, info.title), []).append(info.kind)
    return tuple((family, title, tuple(members)) for (family, title), members in kinds.items())


def layer_icon(kind: str) -> tuple[str, str]:
    """Return the icon name of a layer type and the color token of its family.

    Unknown layer types get a neutral icon and color.
    """
    info = layer_infos().get(kind)
    family = info.family if info else ""
    icon = next((name for name in (kind, family) if name in GLYPHS), _FALLBACK)
    return icon, family if family in FAMILIES else _FALLBACK


def search_layers(
    text: str, kinds: Collection[str] | None = None, recent: Sequence[str] = ()
) -> list[SearchHit]:
    """Return the layer types that match a text, best match first.

    Args:
        text: letters of a name ("conv", "gap", "c1"), or search words ("mean"). An empty text
            matches all layer types, `recent` ones first.
        kinds: search only these layer types.
        recent: recently used layer types, newest first; they come first among equal matches.
    """
    words = text.casefold().split()
    entries = [entry for entry in _entries() if kinds is None or entry.about.kind in kinds]
    recency = {kind: index for index, kind in enumerate(recent)}
    hits = [hit for entry in entries if (hit := _match(entry, words)) is not None]
    return sorted(hits, key=lambda hit: (hit.rank, recency.get(hit.kind, len(recency))))


def is_clear_match(hit: SearchHit, others: Sequence[SearchHit]) -> bool:
    """Return whether a hit is clearly better than all `others`, which are sorted, best first.

    This holds if only the hit is exact, or if only the hit matches by its name or a search term.
    Why: "embedding" means Embedding, not Dense. Dense matches only by the title of its family.
    """
    if not others:
        return True
    rank = others[0].rank
    return hit.rank == MatchRank.EXACT < rank or hit.rank < MatchRank.FAMILY <= rank


def nearest_layer_type(text: str, kinds: Collection[str] | None = None) -> str | None:
    """Return the type of `kinds` (None: all layer types) closest to a mistyped name, or None."""
    return nearest_kind(text, layer_infos() if kinds is None else kinds)


@cache
def _entries() -> tuple[_Entry, ...]:
    return tuple(
        _Entry(
            info,
            info.kind.casefold(),
            split_name(info.kind),
            tuple(dict.fromkeys([*info.terms, *lower_words(" ".join(info.terms))])),
            lower_words(info.title),
            lower_words(info.summary),
        )
        for info in layer_infos().values()
    )


def _match(entry: _Entry, words: Sequence[str]) -> SearchHit | None:
    """Return the hit if all search `words` match a layer type, else None.

    The words are compared as one phrase. If the phrase does not match, each word is compared alone.
    """
    if not words:
        return SearchHit(entry.about)
    phrase_hit = _match_phrase(entry, " ".join(words))
    if phrase_hit is not None or len(words) == 1:
        return phrase_hit
    hits = [hit for word in words if (hit := _match_phrase(entry, word)) is not None]
    if len(hits) < len(words):
        return None
    matched = sorted({index for hit in hits for index in hit.matched_indices})
    term = next((hit.term for hit in hits if hit.term), "")
    return SearchHit(entry.about, sum(hit.rank for hit in hits), tuple(matched), term)


def _match_phrase(entry: _Entry, text: str) -> SearchHit | None:
    return _match_name(entry, text.replace(" ", "")) or _match_words(entry, text)


def _match_name(entry: _Entry, text: str) -> SearchHit | None:
    """Return a hit if a text matches a layer type's name or is one of its search terms, else None.

    A text matches if the name, or a word in the name, starts with the text. Joined prefixes of the
    words also match, such as "gap" for GlobalAveragePooling1D; see `match_word_prefixes`.
    """
    if entry.name.startswith(text):
        rank = MatchRank.EXACT if entry.name == text else MatchRank.PREFIX
        return SearchHit(entry.about, rank, tuple(range(len(text))))
    for start, _ in entry.words:
        if entry.name.startswith(text, start):
            return SearchHit(entry.about, MatchRank.WORD, tuple(range(start, start + len(text))))
    if text in entry.terms:
        return SearchHit(entry.about, MatchRank.WORD, (), text)
    indices = match_word_prefixes(text, entry.words)
    if indices is None:
        return None
    rank = MatchRank.INNER_CAPITALS if indices[0] else MatchRank.CAPITALS
    return SearchHit(entry.about, rank, indices)


def _match_words(entry: _Entry, text: str) -> SearchHit | None:
    """Return the hit if the typed text occurs in the texts about a layer type, else None.

    The typed text may be the start of a keyword of the layer type, a part of its name, or the start
    of a word in its family title or summary. Two letters are compared with keywords and name only,
    one letter with nothing, because such short texts would match almost every layer type.
    """
    if len(text) < 2:
        return None
    for term in entry.terms:
        if term.startswith(text):
            return SearchHit(entry.about, MatchRank.TERM, (), term)
    start = entry.name.find(text)
    if start >= 0:
        return SearchHit(entry.about, MatchRank.INSIDE, tuple(range(start, start + len(text))))
    if len(text) < 3:
        return None
    if any(word.startswith(text) for word in entry.family):
        return SearchHit(entry.about, MatchRank.FAMILY)
    if any(word.startswith(text) for word in entry.summary):
        return SearchHit(entry.about, MatchRank.DOCUMENTATION)
    return None


def _shapes(cls: type) -> str:
    """Return the "Shapes:" section of a class docstring without indentation; may be ""."""
    _, heading, rest = (inspect.getdoc(cls) or "").partition("\nShapes:")
    section = _NEXT_SECTION.split(rest, maxsplit=1)[0] if heading else ""
    return "\n".join(line.strip() for line in section.strip().splitlines())
