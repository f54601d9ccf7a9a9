"""Byte-pair encoding of text; the only module that imports the tokenizers package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.encoders.categories import to_categorical
from engine.data.encoders.padding import RaggedRows
from engine.data.table.dtypes import missing_package_error

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PADDING_TOKEN, UNKNOWN_TOKEN = "[PAD]", "[UNK]"  # ids 0 and 1
_REPEATS = 1000  # the maximum number of copies of a text that are joined into one string


class BytePairModel(NamedTuple):
    """A trained byte-pair encoding.

    Args:
        vocabulary: the subwords. The first subword has id 2.
        merges: the merged pairs, such as "th e", in the order in which they are applied.
    """

    vocabulary: tuple[str, ...]
    merges: tuple[str, ...]


def train_byte_pairs(counts: Mapping[str, int], vocabulary: int) -> BytePairModel:
    """Return a byte-pair encoding, trained on words with their counts.

    `vocabulary` is the intended number of ids, including those of padding and of unknown tokens.

    Source: Sennrich, Haddow and Birch 2016, arXiv:1508.07909; computed by the tokenizers package.
    """
    tokenizer = _tokenizer(None)
    from tokenizers.trainers import BpeTrainer

    trainer = BpeTrainer(
        vocab_size=vocabulary, special_tokens=[PADDING_TOKEN, UNKNOWN_TOKEN], show_progress=False
    )
    tokenizer.train_from_iterator(_repeated(counts), trainer)
    token_ids = tokenizer.get_vocab(with_added_tokens=True)
    tokens = sorted(token_ids, key=token_ids.__getitem__)
    return BytePairModel(tuple(tokens[2:]), tuple(_merged_pairs(tokenizer)))


def _repeated(counts: Mapping[str, int]) -> Iterator[str]:
    """Yield texts that repeat each word by its count, such as "the the the" for the count 3.

    The words are in alphabetical order. A large count is divided among several texts.
    """
    for text in sorted(counts):
        count = counts[text]
        while count > 0:
            yield " ".join([text] * min(count, _REPEATS))
            count -= _REPEATS


def _merged_pairs(tokenizer: Tokenizer) -> Iterator[str]:
    import json

    for pair in json.loads(tokenizer.to_str())["model"]["merges"]:
        yield pair if isinstance(pair, str) else " ".join(pair)


def encode_byte_pairs(rows: RaggedRows, pieces: BytePairModel) -> RaggedRows:
    """Return the subword ids of each row of words, by the byte-pair encoding `pieces`.

    Each distinct word is tokenized only once.
    """
    cells = to_categorical(rows.values)
    tokenizer = _tokenizer(pieces)
    # Concatenate the ids of all distinct words; those of word w start at starts[w].
    ids_by_word = [item.ids for item in tokenizer.encode_batch(cells.categories.to_pylist())]
    sizes = np.array([len(ids) for ids in ids_by_word], np.int64)
    word_ids = np.array([token_id for ids in ids_by_word for token_id in ids], np.int64)
    starts = np.cumsum(sizes) - sizes
    # Gather the ids of each occurrence of a word: those at starts[w] + 0, + 1, ..., + sizes[w] - 1.
    counts = sizes[cells.codes]
    offsets = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    values = word_ids[np.repeat(starts[cells.codes], counts) + offsets]
    # Sum the number of ids over the words of each row.
    ends = np.concatenate([[0], np.cumsum(counts)])
    stops = np.cumsum(rows.lengths)
    lengths: NDArray[np.int64] = ends[stops] - ends[stops - rows.lengths]
    return RaggedRows(values, lengths)


def _tokenizer(pieces: BytePairModel | None) -> Tokenizer:
    """Return a tokenizer with the byte-pair encoding `pieces`, or an untrained one for None.

    Raises:
        DiagnosticError: if the package tokenizers is not installed.
    """
    try:
        from tokenizers import Tokenizer, models, pre_tokenizers
    except ImportError as error:
        subject, install, place = "subwords (bpe) need", '"layerloom[text]"', '"unit": "bpe"'
        advice = 'Use words instead: "unit": "word".'
        raise missing_package_error(subject, "tokenizers", install, place, advice) from error
    options: dict[str, Any] = {}
    if pieces is not None:
        vocabulary: Sequence[str] = (PADDING_TOKEN, UNKNOWN_TOKEN, *pieces.vocabulary)
        options["vocab"] = {token: token_id for token_id, token in enumerate(vocabulary)}
        options["merges"] = [tuple(pair.split(" ")) for pair in pieces.merges]
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN_TOKEN, **options))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer
