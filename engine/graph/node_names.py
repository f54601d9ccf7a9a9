"""Names of nodes: validation, uniqueness and defaults."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Container

from engine.core.symbolic.tensor import snake

LONGEST = 200
HEAD = "_head"  # appended to the name of a layer if its Output takes the layer's name


def legal(name: str) -> bool:
    """Return whether `name` can be an identifier in exported source code and a key of weights.

    Why: Python normalizes identifiers (NFKC): it reads "ﬁt" as "fit". A valid name is its own
        normal form.
    """
    return (
        name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and len(name) <= LONGEST
        and unicodedata.normalize("NFKC", name) == name
    )


def unique(name: str, taken: Container[str]) -> str:
    """Return `name`, with the first unused number appended if it is taken: "conv1d_2"."""
    if name not in taken:
        return name
    base = re.sub(r"_\d+$", "", name)[: LONGEST - 8]
    number = 2
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


def numbered(name: str, taken: Container[str]) -> str:
    """Return `name`, with a number appended as in Keras if it is taken: "dense_1"."""
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def from_kind(kind: str, taken: Container[str]) -> str:
    """Return a unique default name for a new node, as in Keras: "global_average_pooling1d"."""
    return unique(suggest(snake(kind)), taken)


def suggest(text: str) -> str:
    """Return a valid name that is similar to a text: "my_conv" for "my conv"."""
    if legal(text):
        return text
    plain = unicodedata.normalize("NFKC", text)
    name = re.sub(r"\W+", "_", plain).strip("_")[: LONGEST - 8]
    if keyword.iskeyword(name):
        name += "_1"
    if not legal(name):
        name = f"node_{name}".rstrip("_")
    return name if legal(name) else "node"
