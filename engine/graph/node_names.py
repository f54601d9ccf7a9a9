"""Names of nodes: which are legal, and where new ones come from."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Container

from engine.core.symbolic.tensor import snake

LONGEST = 200
HEAD = "_head"  # behind the name of a layer whose own name an Output takes


def legal(name: str) -> bool:
    """Return whether `name` can stand in written source and as a key of weights.

    Why: Python reads "ﬁt" as "fit", so only names that stay as they are when normalised count.
    """
    return (
        name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and len(name) <= LONGEST
        and unicodedata.normalize("NFKC", name) == name
    )


def unique(name: str, taken: Container[str]) -> str:
    """Return `name`, or with the first free number behind it: "conv1d", "conv1d_2"."""
    if name not in taken:
        return name
    base = re.sub(r"_\d+$", "", name)[: LONGEST - 8]
    number = 2
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


def numbered(name: str, taken: Container[str]) -> str:
    """Return `name`, or with the first free number behind it, as Keras counts: "dense_1"."""
    free, number = name, 0
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def from_kind(kind: str, taken: Container[str]) -> str:
    """Return a free name for a new node, spelled as Keras does: "global_average_pooling1d"."""
    return unique(suggest(snake(kind)), taken)


def suggest(text: str) -> str:
    """Return the legal name nearest to any text: "my conv" becomes "my_conv"."""
    if legal(text):
        return text
    plain = unicodedata.normalize("NFKC", text)
    name = re.sub(r"\W+", "_", plain).strip("_")[: LONGEST - 8]
    if keyword.iskeyword(name):
        name += "_1"
    if not legal(name):
        name = f"node_{name}".rstrip("_")
    return name if legal(name) else "node"
