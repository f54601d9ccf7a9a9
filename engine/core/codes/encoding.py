"""Codes of findings about encoders: how the cells of a column become numbers."""

from engine.core.codes.entry import Code, Exit


def _data(title: str, meaning: str, example: str) -> Code:
    return Code(title, meaning, example, Exit.DATA)


_FIT = {
    "encode-unfit": _data(
        "The encoding does not fit the column or its port",
        "An encoding reads some kinds of columns, and gives either ids (int32) or measurements "
        "(float32).",
        '"encode": "text" for an Input of float32: ids are no measurements; set its dtype to '
        "int32.",
    ),
    "label-unseen": _data(
        "A label occurs in rows only that are not trained on",
        "Labels are taken from the training rows, so that nothing of the rows held back is known "
        "before. A label that no training row has can't be learned.",
        "The one Emperor among 344 penguins falls into the validation rows: name all labels in the "
        "Output, or split so that each label is on both sides.",
    ),
    "length-unknown": _data(
        "A sequence needs a length",
        "Rows of pieces of words are cut or filled up to one length, and neither the encoding nor "
        "the Input says which.",
        '{"kind": "text", "params": {"unit": "bpe", "length": 100}}',
    ),
    "size-unknown": _data(
        "Pictures need a size",
        "All pictures of a column are brought to one height and width: those of the Input, or of "
        "the encoding.",
        "An Input of shape [null, null, 3]: set it to [64, 64, 3].",
    ),
    "package-missing": _data(
        "A package is not installed",
        "Some encodings need a package that is not installed with Layerloom itself.",
        'Pieces of words: pip install "layerloom[text]"',
    ),
}

_CELLS = {
    "scale-unfit": _data(
        "Values can't be scaled in that way",
        "The logarithm of 1 + value is there only for values above -1.",
        'Temperatures below zero with "scale": "log": standardise them.',
    ),
    "ids-unreadable": _data(
        "A cell holds no list of ids",
        "A sequence of ids is a list of whole numbers, or text with spaces, commas or semicolons "
        "between them.",
        '"3 17 x": correct it, or read the column as words.',
    ),
    "date-unreadable": _data(
        "A cell holds no date",
        "All dates of a column are written in one form, which most training rows tell.",
        '"yesterday" among dates such as 2024-03-02; 2024-02-30, which no calendar has.',
    ),
    "date-ambiguous": _data(
        "Day and month can't be told apart",
        "3/4/2024 is in April in Paris and in March in New York. A row with a number above 12 "
        "would tell; there is none, and nothing is guessed.",
        'Set "first" of the encoding to "day" or to "month".',
    ),
    "image-outside": _data(
        "A path leads out of the table's folder",
        "A table names pictures below its own folder only, so that a table from a stranger can't "
        "reach other files of this machine, or of another one.",
        '"/etc/passwd", "../other/1.png", "https://...", or a link that leads elsewhere.',
    ),
    "image-missing": _data(
        "A picture is not there",
        "The cell is empty, or names no file below the table's folder.",
        '"pictures/17.png" where the folder holds 17.PNG.',
    ),
    "image-broken": _data(
        "A picture can't be read",
        "The file is damaged, cut off, too large, or no picture.",
        "A download that stopped half-way: fetch the file again, or remove its row.",
    ),
}

_NOTES = {
    "column-constant": _data(
        "A column is the same in every row",
        "Nothing can be learned from what never differs; often it is a column that was filled by "
        "mistake.",
        'A column "country" of one country: leave it out.',
    ),
    "rows-cut": _data(
        "Rows are longer than what is read of them",
        "Sequences are brought to one length; the end of longer ones is not read.",
        "Stories of up to 900 words, read up to 200 words: set a larger length, if it matters.",
    ),
    "text-unknown": _data(
        "Some words are not in the vocabulary",
        "The most frequent words of the training rows have an id of their own; all others share "
        "one.",
        "2 % of all words in rows held back: usual. 40 %: the vocabulary is too small, or the rows "
        "speak of other things.",
    ),
}

_BEGIN = {
    "column-left-out": _data(
        "A column is left out of the first graph",
        "A graph that is drawn from data reads what can hold for other rows as well. Constants, "
        "empty columns and names of single rows do not.",
        "A column id that counts the rows: the network would learn the rows by heart.",
    ),
    "target-unfit": _data(
        "A column can't be predicted",
        "Numbers are predicted by their size, labels by their probability. Free text, dates, "
        "pictures and columns that never differ are no targets of a first graph.",
        'A column of comments as the target: name the one that says "praise" or "complaint".',
    ),
    "nothing-to-learn-from": _data(
        "No column is left to learn from",
        "All columns but the targets are constant, empty, or name single rows.",
        "A table of an id and a price, with the price as the target.",
    ),
}

CODES: dict[str, Code] = {**_FIT, **_CELLS, **_NOTES, **_BEGIN}
