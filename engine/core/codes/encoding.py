"""Codes of diagnostics about encoders, which convert the cells of columns to numbers."""

from engine.core.codes.entry import DiagnosticCode, ExitCode


def _data(title: str, meaning: str, example: str) -> DiagnosticCode:
    return DiagnosticCode(title, meaning, example, ExitCode.DATA)


_FIT = {
    "encode-unfit": _data(
        "The encoding does not fit the column or its port",
        "An encoding accepts certain column types, and produces either ids (int32) or measurements "
        "(float32).",
        '"encode": "text" for an Input of float32: text becomes ids; set the dtype of the Input to '
        "int32.",
    ),
    "label-unseen": _data(
        "A label occurs only in rows that are not used for training",
        "Labels are collected from the training rows only, to avoid leakage from held-out rows. A "
        "label without a training row can't be learned.",
        "The only Emperor among 344 penguins is a validation row: list all labels in the Output, "
        "or split so that each label occurs in both subsets.",
    ),
    "length-unknown": _data(
        "A sequence needs a length",
        "Token sequences are truncated or padded to one length, which is set neither in the "
        "encoding nor in the Input.",
        '{"kind": "text", "params": {"unit": "bpe", "length": 100}}',
    ),
    "size-unknown": _data(
        "Images need a size",
        "All images of a column are resized to one height and width: those of the Input, or of the "
        "encoding.",
        "An Input of shape [null, null, 3]: set it to [64, 64, 3].",
    ),
    "package-missing": _data(
        "A package is not installed",
        "Some encodings need a package that is not installed with Layerloom itself.",
        'For bpe: pip install "layerloom[text]"',
    ),
}

_CELLS = {
    "scale-unfit": _data(
        "The column can't be scaled in that way",
        "log scales by the logarithm of 1 + value, which is defined only for values above -1.",
        'Temperatures below zero with "scale": "log": use standardize.',
    ),
    "ids-unreadable": _data(
        "A cell is not a list of ids",
        "A sequence of ids is a list of integers, or text with spaces, commas or semicolons "
        "between them.",
        '"3 17 x": correct it, or encode the column as text.',
    ),
    "date-unreadable": _data(
        "A cell is not a date",
        "All dates of a column need the same format; it is detected from the training rows.",
        '"yesterday" among dates such as 2024-03-02; 2024-02-30, which does not exist.',
    ),
    "date-ambiguous": _data(
        "The order of day and month is ambiguous",
        "3/4/2024 is in April in Paris and in March in New York. No row has a number above 12, "
        "which would decide it, and Layerloom does not guess.",
        'Set "first" of the encoding to "day" or to "month".',
    ),
    "image-outside": _data(
        "A path leads out of the table's folder",
        "For security, a table may only refer to images below its own folder, so that a table from "
        "an unknown source can't read other files.",
        '"/etc/passwd", "../other/1.png", "https://...", or a symbolic link to another folder.',
    ),
    "image-missing": _data(
        "An image does not exist",
        "The cell is empty, or there is no such file below the table's folder.",
        '"pictures/17.png" where the folder holds 17.PNG.',
    ),
    "image-broken": _data(
        "An image can't be read",
        "The file is damaged, truncated, too large, or not an image.",
        "An incomplete download: download the file again, or remove its row.",
    ),
}

_NOTES = {
    "column-constant": _data(
        "A column has the same value in every row",
        "Nothing can be learned from a constant column; often it was filled by mistake.",
        'A column "country" with one country: remove it.',
    ),
    "rows-cut": _data(
        "Sequences are truncated",
        "All sequences get one length; the end of longer ones is cut off.",
        "Stories of up to 900 words with length 200: set a larger length if the end matters.",
    ),
    "text-unknown": _data(
        "Some words are not in the vocabulary",
        "The most frequent words of the training rows have their own ids; all others share one.",
        "2 % of the words in held-out rows: usual. 40 %: the vocabulary is too small, or the rows "
        "are about other topics.",
    ),
}

_BEGIN = {
    "column-left-out": _data(
        "A column is not used by the starter network",
        "The starter network uses columns that generalize to other rows. Constant columns, empty "
        "columns and identifiers do not.",
        "A column id that numbers the rows: the network would memorize the rows.",
    ),
    "target-unfit": _data(
        "A column can't be predicted",
        "A starter network predicts numbers (regression) and labels (classification). Free text, "
        "dates, images and constant columns can't be its targets.",
        'A column of comments as the target: choose the one that says "praise" or "complaint".',
    ),
    "nothing-to-learn-from": _data(
        "No input column is left",
        "Every column except the targets is constant, empty, or an identifier.",
        "A table of an id and a price, with the price as the target.",
    ),
}

CODES: dict[str, DiagnosticCode] = {**_FIT, **_CELLS, **_NOTES, **_BEGIN}
