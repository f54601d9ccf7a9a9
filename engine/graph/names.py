"""Names of nodes: which are legal, and where new ones come from."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Container

LONGEST = 200


def legal(name: str) -> bool:
    """Answer whether `name` can stand in written source and as a key of weights.

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
    """Answer `name`, or with the first free number behind it: "conv1d", "conv1d_2"."""
    if name not in taken:
        return name
    base = re.sub(r"_\d+$", "", name)[: LONGEST - 8]
    number = 2
    while f"{base}_{number}" in taken:
        number += 1
    return f"{base}_{number}"


def from_kind(kind: str, taken: Container[str]) -> str:
    """Answer a free name for a new node, spelled as Keras does: "global_average_pooling1d"."""
    # A word begins at a capital after a small letter, or at one before a small letter.
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W_])(?=[A-Z][a-z])", "_", kind)
    return unique(suggest(spaced.lower()), taken)


def suggest(text: str) -> str:
    """Answer the legal name nearest to any text: "my conv" becomes "my_conv"."""
    if legal(text):
        return text
    plain = unicodedata.normalize("NFKC", text)
    name = re.sub(r"\W+", "_", plain).strip("_")[: LONGEST - 8]
    if keyword.iskeyword(name):
        name += "_1"
    if not legal(name):
        name = f"node_{name}".rstrip("_")
    return name if legal(name) else "node"
