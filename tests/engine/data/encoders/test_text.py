"""Text: vocabularies like CountVectorizer's, rows of one length, pieces of words, ids in cells."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from engine.core.diagnostic import DiagnosticError
from engine.data.encoders import IdsEncoder, PortRequirement, TextEncoder
from engine.data.table.column_types import text_column
from engine.recipe import encoding
from tests.engine.data.encoders.fits import cut, fitted, fitted_by, through_json

# Marks are part of a word here, as in Unicode's annex 29; Python's \w leaves them out.
SIGNS = st.characters(codec="utf-8", exclude_categories=["M"])
TEXTS = st.lists(st.text(SIGNS), min_size=1)
SMALL = st.lists(st.text("aAbé 1_.,"), min_size=1)
UNITS = st.sampled_from(["word", "character"])


def counted(encoder, column):
    """Return how often each unit of the vocabulary stands in each row."""
    ids = encoder.transform(column, "x")
    return (ids[:, None, :] == np.arange(2, encoder.id_count)[None, :, None]).sum(axis=2)


@pytest.mark.parametrize(("unit", "analyzer"), [("word", "word"), ("character", "char")])
@settings(deadline=None)
@given(texts=SMALL, lower=st.booleans())
def test_units_and_counts_are_those_of_count_vectorizer(unit, analyzer, texts, lower):
    pattern = r"(?u)\w+" if unit == "word" else r"(?u)\b\w\w+\b"
    peer = CountVectorizer(analyzer=analyzer, token_pattern=pattern, lowercase=lower)
    try:
        theirs = peer.fit_transform(texts).toarray()
    except ValueError:  # it refuses an empty vocabulary
        theirs = np.zeros((len(texts), 0))
    if analyzer == "char" and any(" " * 2 in each for each in texts):
        return  # it folds spaces
    encoder = fitted(encoding.Text(unit=unit, lower=lower), text_column(texts))
    assert sorted(encoder.vocabulary) == sorted(getattr(peer, "vocabulary_", {}))
    order = [getattr(peer, "vocabulary_", {})[each] for each in encoder.vocabulary]
    np.testing.assert_array_equal(counted(encoder, text_column(texts)), theirs[:, order])


def test_the_vocabulary_is_the_most_frequent_words_ties_in_alphabetical_order():
    encoder = fitted(encoding.Text(vocabulary=5), text_column(["b a c", "c d", "c a", "b"]))
    assert encoder.vocabulary == ("c", "a", "b")
    assert encoder.id_count == 5
    assert encoder.transform(text_column(["a d c"]), "x").tolist() == [[3, 1, 2]]


@pytest.mark.parametrize(
    ("pad", "rows"), [("end", [[2, 3, 0], [2, 4, 5]]), ("start", [[0, 2, 3], [2, 4, 5]])]
)
def test_short_rows_are_filled_on_their_side_and_long_ones_lose_their_end(pad, rows):
    encoder = TextEncoder(vocabulary=("a", "b", "c", "d"), length=3, pad=pad)
    assert encoder.transform(text_column(["a, b!", "a c d b"]), "x").tolist() == rows


def test_the_length_is_asked_or_the_ports_or_the_longest_training_row():
    column = text_column(["a b c d", "a"])
    assert fitted(encoding.Text(length=2), column, PortRequirement(shape=(9,))).length == 2
    assert fitted(encoding.Text(), column, PortRequirement(shape=(9,))).length == 9
    assert fitted(encoding.Text(), column).length == 4
    assert fitted(encoding.Text(unit="character"), column).length == 7
    assert fitted(encoding.Text(), text_column(["", ""])).length == 1


def test_what_is_cut_and_what_is_unknown_is_told():
    encoder = TextEncoder(vocabulary=("a",), length=2)
    cut_off, unknown = encoder.transform_with_notes(text_column(["a a a", "a b"]), "story").notes
    assert (cut_off.code, cut_off.severity) == ("rows-cut", "info")
    assert cut_off.place == "column story, row 0 (counting from 0)"
    assert (unknown.code, unknown.rows.numbers) == ("text-unknown", (1,))
    assert encoder.transform_with_notes(text_column(["a a", ""]), "story").notes == ()


@pytest.mark.slow
@settings(deadline=None)
@given(TEXTS, UNITS, st.booleans())
def test_equal_texts_get_equal_ids_whatever_they_are(texts, unit, lower):
    column = text_column(texts)
    encoder = fitted(encoding.Text(unit=unit, lower=lower), column)
    ids = encoder.transform(column, "x")
    assert ids.dtype == np.int32
    assert (ids != 1).all()
    assert through_json(encoder) == encoder
    turned = encoder.transform(text_column(reversed(texts)), "x")
    np.testing.assert_array_equal(turned, ids[::-1])


@settings(deadline=None)
@given(st.lists(st.text(SIGNS), min_size=1))
def test_characters_are_those_of_python(texts):
    encoder = fitted(encoding.Text(unit="character", lower=False), text_column(texts))
    ids = encoder.transform(text_column(texts), "x")
    signs = ["", "?", *encoder.vocabulary]
    import unicodedata

    spelled = ["".join(signs[number] for number in row) for row in ids.tolist()]
    assert spelled == [unicodedata.normalize("NFC", each) for each in texts]


def test_letters_with_marks_are_one_word_however_they_are_written():
    encoder = fitted(encoding.Text(), text_column(["Cafe\u0301 हिन्दी"]))
    assert encoder.vocabulary == ("café", "हिन्दी")
    assert encoder.transform(text_column(["CAFÉ"]), "x").tolist() == [[2, 0]]


def test_lists_of_words_are_taken_as_they_stand():
    listed = pa.array([["New York", "a"], [], ["A"]], pa.large_list(pa.large_string()))
    encoder = fitted(encoding.Text(), listed)
    assert encoder.vocabulary == ("a", "new york")
    assert encoder.transform(listed, "x").tolist() == [[3, 2], [0, 0], [2, 0]]


BPE = encoding.Text(unit="bpe", vocabulary=40, length=12)
STORIES = ["low lower lowest", "new newer newest", "wide wider widest"] * 20


def test_pieces_of_words_are_those_of_tokenizers_trained_on_the_same_texts():
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    peer = Tokenizer(models.BPE(unk_token="[UNK]"))
    peer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = ["[PAD]", "[UNK]"]
    peer.train_from_iterator(
        STORIES,
        trainers.BpeTrainer(vocab_size=40, special_tokens=special, show_progress=False),
    )
    rows = ["lowest newer?", "widest ünder", ""]
    encoder = fitted(BPE, text_column(STORIES))
    ids = encoder.transform(text_column(rows), "x")
    assert [[each for each in row if each] for row in ids.tolist()] == [
        peer.encode(row).ids for row in rows
    ]
    assert encoder.id_count == peer.get_vocab_size()
    assert through_json(encoder) == encoder


def test_pieces_do_not_depend_on_how_rows_are_cut_or_ordered():
    whole = fitted(BPE, text_column(STORIES))
    assert fitted_by(BPE, cut(text_column(STORIES), [7, 20])) == whole
    assert fitted(BPE, text_column(reversed(STORIES))) == whole


def test_pieces_need_a_length():
    with pytest.raises(DiagnosticError) as refusal:
        fitted(encoding.Text(unit="bpe"), text_column(["a"]))
    assert refusal.value.diagnostics[0].code == "length-unknown"


def test_without_tokenizers_a_person_is_told_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(DiagnosticError) as refusal:
        fitted(BPE, text_column(["a"]))
    (found,) = refusal.value.diagnostics
    assert found.code == "package-missing"
    assert 'pip install "layerloom[text]"' in found.fixes[0].text


def test_encoders_load_neither_tokenizers_nor_pillow():
    code = (
        "import sys, engine.data.dataset.dataset; print({'PIL', 'tokenizers'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


IDS = st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6), min_size=1)


@settings(deadline=None)
@given(IDS, st.sampled_from([" ", ", ", ";", "  "]), st.sampled_from(["{}", "[{}]", "({})"]))
def test_ids_are_read_from_text_as_from_lists(rows, between, around):
    column = text_column([around.format(between.join(map(str, row))) for row in rows])
    listed = pa.array(rows, pa.large_list(pa.int64()))
    encoder = fitted(encoding.Ids(), column)
    assert encoder == fitted(encoding.Ids(), listed) == through_json(encoder)
    assert encoder.length == max(1, *map(len, rows))
    ids = encoder.transform(column, "x")
    np.testing.assert_array_equal(encoder.transform(listed, "x"), ids)
    assert [row[: len(each)] for row, each in zip(ids.tolist(), rows, strict=True)] == rows


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (text_column(["1 2", "3 17 x"]), "'3 17 x' in row 1"),
        (text_column(["1", "1.5"]), "'1.5' in row 1"),
        (text_column(["1", "99999999999"]), "'99999999999' in row 1"),
        (pa.array([[1.0], [2.5]], pa.large_list(pa.float64())), "'2.5' in row 1"),
        (pa.array([["1"], ["b"]], pa.large_list(pa.large_string())), "'b' in row 1"),
        (np.array([[1.0], [np.nan]]), "'nan' in row 1"),
    ],
)
def test_cells_that_hold_no_ids_are_named_by_row(column, found):
    with pytest.raises(DiagnosticError) as refusal:
        IdsEncoder(length=3).transform(column, "x")
    (refused,) = refusal.value.diagnostics
    assert (refused.code, refused.found) == ("ids-unreadable", found)
    assert refused.place == "column x, row 1 (counting from 0)"


def test_rows_of_numbers_are_ids_brought_to_a_length():
    ids = IdsEncoder(length=3, pad="start").transform(np.array([[5.0, 6.0], [7.0, 8.0]]), "x")
    assert ids.tolist() == [[0, 5, 6], [0, 7, 8]]
