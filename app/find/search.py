"""Finds nodes in a graph by a few words, and says what was found in each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.text.fuzzy_match import NameWords, match_word_prefixes, split_name
from app.text.layer_search import MatchRank, search_layers
from engine.core.diagnostic import Diagnostic
from engine.graph.model import Graph, Node

_SEVERITIES: Mapping[str, tuple[str, ...]] = {
    "error": ("error",),
    "errors": ("error",),
    "warning": ("warning",),
    "warnings": ("warning",),
    "problem": ("error", "warning"),
    "problems": ("error", "warning"),
}


@dataclass(frozen=True)
class Found:
    """A node that was found.

    Args:
        node: its name.
        why: its kind and what was found in it, such as "Conv1D, kernel_size 5".
    """

    node: str
    why: str

    @property
    def told(self) -> str:
        """Node and reason in one line."""
        return f"{self.node}: {self.why}"


@dataclass(frozen=True)
class _Read:
    """A node made ready for the search.

    Args:
        owner: the node that holds kind and parameters: itself, or the one whose it shares.
        name: of the node.
        small: name and kind, in small letters.
        params: names and values, as text.
        whole: all of these in small letters, to leave out at a glance what has not got a word.
        words, initials: of the name.
    """

    owner: Node
    name: str
    small: tuple[str, str]
    params: tuple[tuple[str, str], ...]
    whole: str
    words: NameWords
    initials: str


class Finder:
    """Finds nodes, and keeps what it has read of those that have not changed."""

    def __init__(self) -> None:
        self._known: dict[str, _Read] = {}

    def find(self, graph: Graph, text: str, diagnostics: Sequence[Diagnostic] = ()) -> list[Found]:
        """Return the nodes that a text finds: those of that name first, then in drawing order.

        Args:
            graph: where to look.
            text: words that stand in name, kind or parameters of a node; or first letters, as in
                the palette; or "error", "warning", "problem" for nodes with findings.
            diagnostics: what the checks found.
        """
        wanted = text.casefold().split()
        if not wanted:
            return []
        if len(wanted) == 1 and wanted[0] in _SEVERITIES:
            return _findings(graph, diagnostics, _SEVERITIES[wanted[0]])
        kinds = {word: _kinds_of(word) for word in wanted}
        # What names the fewest kinds first: likely few nodes have it, and the rest is left out.
        order = sorted(kinds, key=lambda word: len(kinds[word]))
        ranked: list[tuple[int, Found]] = []
        for read in self._read(graph):
            whys = _whys(read, order, kinds)
            if len(whys) == len(kinds):
                why = dict.fromkeys([read.owner.kind, *(whys[word] for word in wanted)])
                why.pop(read.name, None)
                ranked.append((_rank(read, text), Found(read.name, ", ".join(why))))
        return [found for _, found in sorted(ranked, key=lambda one: one[0])]

    def _read(self, graph: Graph) -> list[_Read]:
        reads = []
        for node in graph:
            owner = graph.weight_owner(node)
            known = self._known.get(node.name)
            if known is None or known.owner is not owner:
                known = _read(node.name, owner)
            reads.append(known)
        self._known = {node.name: read for node, read in zip(graph, reads, strict=True)}
        return reads


def _read(name: str, owner: Node) -> _Read:
    params = tuple((key, _plain(value)) for key, value in owner.params.items())
    told = [name, owner.kind, *(text for param in params for text in param)]
    words = split_name(name)
    initials = "".join(word[0] for _, word in words)
    small = (name.casefold(), owner.kind.casefold())
    return _Read(owner, name, small, params, "\n".join(told).casefold(), words, initials)


def _plain(value: object) -> str:
    if isinstance(value, Mapping) and "kind" in value:
        return str(value["kind"])
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _findings(
    graph: Graph, diagnostics: Sequence[Diagnostic], severities: Sequence[str]
) -> list[Found]:
    told: dict[str, str] = {}
    for found in diagnostics:
        if found.node in graph and found.severity in severities:
            told.setdefault(str(found.node), found.message)
    return [Found(node.name, told[node.name]) for node in graph if node.name in told]


@lru_cache(64)
def _kinds_of(word: str) -> frozenset[str]:
    """Return the kinds whose name a word finds in the palette."""
    hits = search_layers(word)
    return frozenset(
        hit.kind for hit in hits if hit.rank <= MatchRank.INNER_CAPITALS and hit.matched_indices
    )


def _rank(read: _Read, text: str) -> int:
    (name, _), wanted = read.small, text.casefold().strip()
    return 0 if name == wanted else 1 if name.startswith(wanted) else 2


def _whys(read: _Read, words: Sequence[str], kinds: Mapping[str, frozenset[str]]) -> dict[str, str]:
    """Return what of a node has each of some words, up to the first that nothing has."""
    whys = {}
    for word in words:
        if not (why := _why(read, word, kinds[word])):
            break
        whys[word] = why
    return whys


def _why(read: _Read, word: str, kinds: frozenset[str]) -> str:
    """Return what of a node has a word in it, "" if nothing has."""
    if word in read.whole:
        name, kind = read.small
        if word in name:
            return read.name
        if word in kind:
            return read.owner.kind
        for key, value in read.params:
            if _has(key, value, word):
                return f"{key} {value}"
    if read.owner.kind in kinds:
        return read.owner.kind
    begins = len(word) > 1 and word[0] in read.initials
    return read.name if begins and match_word_prefixes(word, read.words) else ""


def _has(key: str, value: str, word: str) -> bool:
    """Return whether a parameter is meant; a number must be the whole value."""
    if word in key.casefold():
        return True
    return value.casefold() == word if word.isdigit() else word in value.casefold()
