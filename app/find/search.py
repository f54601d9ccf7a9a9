"""Full-text search of the nodes and notes of a project, with the matched part of each node."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from app.text.fuzzy_match import NameWords, match_word_prefixes, split_name
from app.text.layer_search import MatchRank, search_layers
from engine.core.diagnostic import Diagnostic
from engine.graph.model import Graph, Node, Project
from engine.graph.notes import notes

_SEVERITIES: Mapping[str, tuple[str, ...]] = {
    "error": ("error",),
    "errors": ("error",),
    "warning": ("warning",),
    "warnings": ("warning",),
    "problem": ("error", "warning"),
    "problems": ("error", "warning"),
}


@dataclass(frozen=True)
class NodeMatch:
    """A node or a note that matches a search.

    Args:
        node: the name of the node; "note" for a note.
        reason: the layer type with the matched parts, such as "Conv1D, kernel_size 5". In a search
            for diagnostics, the message of a diagnostic. For a note, its first line.
        note: the index of the note, None for a node.
    """

    node: str
    reason: str
    note: int | None = None

    @property
    def key(self) -> str | int:
        """The key by which a session selects the node or the note."""
        return self.node if self.note is None else self.note

    @property
    def text(self) -> str:
        """The name of the node and the reason why it matches the search, as "name: reason"."""
        return f"{self.node}: {self.reason}"


@dataclass(frozen=True)
class _SearchEntry:
    """The searchable texts of a node.

    Args:
        owner: the node whose layer type and fields are searched. If the node shares the weights of
            another node, `owner` is the other node. Otherwise, `owner` is the node.
        casefolded: the name and the layer type, casefolded.
        params: the names and values of the fields, as text.
        all_text: all texts in one, casefolded, to test quickly whether a word occurs anywhere.
        words, initials: the words of the name and their first letters.
    """

    owner: Node
    name: str
    casefolded: tuple[str, str]
    params: tuple[tuple[str, str], ...]
    all_text: str
    words: NameWords
    initials: str


class NodeFinder:
    """A search for nodes that caches the searchable texts of unchanged nodes."""

    def __init__(self) -> None:
        self._cache: dict[str, _SearchEntry] = {}

    def find(
        self, graph: Graph, text: str, diagnostics: Sequence[Diagnostic] = ()
    ) -> list[NodeMatch]:
        """Return the matching nodes in graph order, but names that start with `text` first.

        A node matches if each word of `text` occurs in its name, layer type or fields. A word may
        also consist of prefixes of the words of a name: "cb" finds "conv_b". "error", "warning" and
        "problem" find the nodes with such diagnostics.
        """
        query = text.casefold().split()
        if not query:
            return []
        if len(query) == 1 and query[0] in _SEVERITIES:
            return _nodes_with_diagnostics(graph, diagnostics, _SEVERITIES[query[0]])
        kinds = {word: _matching_types(word) for word in query}
        # Test the word that matches the fewest layer types first, to exclude most nodes early.
        order = sorted(kinds, key=lambda word: len(kinds[word]))
        ranked: list[tuple[int, NodeMatch]] = []
        for entry in self._entries(graph):
            matches = _matched_parts(entry, order, kinds)
            if len(matches) == len(kinds):
                reasons = dict.fromkeys([entry.owner.kind, *(matches[word] for word in query)])
                reasons.pop(entry.name, None)
                ranked.append((_rank(entry, text), NodeMatch(entry.name, ", ".join(reasons))))
        return [match for _, match in sorted(ranked, key=lambda entry: entry[0])]

    def _entries(self, graph: Graph) -> list[_SearchEntry]:
        entries = []
        for node in graph:
            owner = graph.weight_owner(node)
            cached = self._cache.get(node.name)
            if cached is None or cached.owner is not owner:
                cached = _search_entry(node.name, owner)
            entries.append(cached)
        self._cache = {node.name: entry for node, entry in zip(graph, entries, strict=True)}
        return entries


def find_notes(project: Project, text: str) -> list[NodeMatch]:
    """Return the notes whose text contains each word of `text`."""
    words = text.casefold().split()
    return [
        NodeMatch("note", note.title, note.index)
        for note in (notes(project) if words else ())
        if all(word in note.text.casefold() for word in words)
    ]


def _search_entry(name: str, owner: Node) -> _SearchEntry:
    params = tuple((key, _value_text(value)) for key, value in owner.params.items())
    all_text = "\n".join([name, owner.kind, *chain(*params)]).casefold()
    words = split_name(name)
    initials = "".join(word[0] for _, word in words)
    casefolded = (name.casefold(), owner.kind.casefold())
    return _SearchEntry(owner, name, casefolded, params, all_text, words, initials)


def _value_text(value: object) -> str:
    if isinstance(value, Mapping) and "kind" in value:
        return str(value["kind"])
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _nodes_with_diagnostics(
    graph: Graph, diagnostics: Sequence[Diagnostic], severities: Sequence[str]
) -> list[NodeMatch]:
    """Return the nodes that have diagnostics of `severities`, each with the first such message."""
    messages: dict[str, str] = {}
    for diagnostic in diagnostics:
        if diagnostic.node in graph and diagnostic.severity in severities:
            messages.setdefault(str(diagnostic.node), diagnostic.message)
    return [NodeMatch(node.name, messages[node.name]) for node in graph if node.name in messages]


@lru_cache(64)
def _matching_types(word: str) -> frozenset[str]:
    """Return the layer types whose names match a word by the search rules of the palette."""
    hits = [hit for hit in search_layers(word) if hit.matched_indices]
    return frozenset(hit.kind for hit in hits if hit.rank <= MatchRank.INNER_CAPITALS)


def _rank(entry: _SearchEntry, text: str) -> int:
    (name, _), query = entry.casefolded, text.casefold().strip()
    return 0 if name == query else 1 if name.startswith(query) else 2


def _matched_parts(
    entry: _SearchEntry, words: Sequence[str], kinds: Mapping[str, frozenset[str]]
) -> dict[str, str]:
    """Return, by word, what the word matches in a node: the name, the layer type or a field.

    If a word has no match, the result lacks this word and all later words. `entry` has the texts of
    the node. `kinds` has the layer types whose names match, by word.
    """
    matches = {}
    for word in words:
        if not (match := _matched_part(entry, word, kinds[word])):
            break
        matches[word] = match
    return matches


def _matched_part(entry: _SearchEntry, word: str, kinds: frozenset[str]) -> str:
    """Return the name, layer type or field of a node that matches a word, "" if none does.

    `kinds` are the layer types whose name matches the word.
    """
    if word in entry.all_text:
        name, kind = entry.casefolded
        if word in name:
            return entry.name
        if word in kind:
            return entry.owner.kind
        for key, value in entry.params:
            if _matches_field(key, value, word):
                return f"{key} {value}"
    if entry.owner.kind in kinds:
        return entry.owner.kind
    may_match = len(word) > 1 and word[0] in entry.initials
    return entry.name if may_match and match_word_prefixes(word, entry.words) else ""


def _matches_field(key: str, value: str, word: str) -> bool:
    """Return whether a word occurs in the name `key` or in the value of a field.

    A word of digits matches a value only if the word and the value are equal.
    """
    if word in key.casefold():
        return True
    return value.casefold() == word if word.isdigit() else word in value.casefold()
