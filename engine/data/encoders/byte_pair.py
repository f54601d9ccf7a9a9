"""Pieces of words by byte-pair encoding; the only file that asks for the package tokenizers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.core.diagnostic import Diagnostic, Fix, Refused
from engine.data.encoders.categories import coded
from engine.data.encoders.padding import Ragged

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING, UNKNOWN = "[PAD]", "[UNK]"  # ids 0 and 1
_AT_ONCE = 1000


class Pieces(NamedTuple):
    """What byte-pair encoding has learned.

    Args:
        vocabulary: the pieces, the first of which has the id 2.
        merges: pairs of pieces that become one, "th e", in the order in which they do.
    """

    vocabulary: tuple[str, ...]
    merges: tuple[str, ...]


def learn(counts: Mapping[str, int], vocabulary: int) -> Pieces:
    """Learn pieces from how often each text without spaces occurs.

    Source: Sennrich, Haddow and Birch 2016, arXiv:1508.07909; computed by the package tokenizers.
    """
    made = _tokenizer(None)
    from tokenizers.trainers import BpeTrainer

    trainer = BpeTrainer(
        vocab_size=vocabulary, special_tokens=[PADDING, UNKNOWN], show_progress=False
    )
    made.train_from_iterator(_repeated(counts), trainer)
    learned = made.get_vocab(with_added_tokens=True)
    ordered = sorted(learned, key=learned.__getitem__)
    return Pieces(tuple(ordered[2:]), tuple(_merges(made)))


def _repeated(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield each text as often as it occurs; in a fixed order, so that ties are broken alike."""
    for text in sorted(counts):
        times = counts[text]
        while times > 0:
            yield " ".join([text] * min(times, _AT_ONCE))
            times -= _AT_ONCE


def _merges(made: Tokenizer) -> Iterator[str]:
    import json

    for pair in json.loads(made.to_str())["model"]["merges"]:
        yield pair if isinstance(pair, str) else " ".join(pair)


def encode(rows: Ragged, pieces: Pieces) -> Ragged:
    """Return the ids of texts without spaces, each different one worked out once."""
    cells = coded(rows.values)
    made = _tokenizer(pieces)
    each = [found.ids for found in made.encode_batch(cells.texts.to_pylist())]
    sizes = np.array([len(ids) for ids in each], np.int64)
    flat = np.array([one for ids in each for one in ids], np.int64)
    starts = np.cumsum(sizes) - sizes
    taken = sizes[cells.codes]
    within = np.arange(int(taken.sum())) - np.repeat(np.cumsum(taken) - taken, taken)
    values = flat[np.repeat(starts[cells.codes], taken) + within]
    ends = np.concatenate([[0], np.cumsum(taken)])
    stops = np.cumsum(rows.lengths)
    lengths: NDArray[np.int64] = ends[stops] - ends[stops - rows.lengths]
    return Ragged(values, lengths)


def _tokenizer(pieces: Pieces | None) -> Tokenizer:
    """Return a tokenizer that knows these pieces, or one to be trained.

    Raises:
        Refused: if the package is not installed.
    """
    try:
        from tokenizers import Tokenizer, models, pre_tokenizers
    except ImportError as error:
        raise Refused(_not_installed()) from error
    known: dict[str, Any] = {}
    if pieces is not None:
        vocabulary: Sequence[str] = (PADDING, UNKNOWN, *pieces.vocabulary)
        known["vocab"] = {piece: number for number, piece in enumerate(vocabulary)}
        known["merges"] = [tuple(pair.split(" ")) for pair in pieces.merges]
    made = Tokenizer(models.BPE(unk_token=UNKNOWN, **known))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def _not_installed() -> Diagnostic:
    return Diagnostic(
        "package-missing",
        "pieces of words (bpe) need the package tokenizers, which is not installed",
        place='"unit": "bpe"',
        found="no package tokenizers",
        expected="tokenizers, the extra text of layerloom",
        fixes=(
            Fix('Install it: pip install "layerloom[text]"'),
            Fix('Read whole words: "unit": "word".'),
        ),
    )
