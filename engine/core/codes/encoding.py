"""Codes of diagnostics about encoders, which convert the cells of columns to numbers."""

from engine.core.codes.entry import DiagnosticCode, data_code

_FIT = {
    "encode-unfit": data_code(
        "The encoding does not fit the column or its port",
        "An encoding accepts certain column types, and produces ids (int32) or floats (float32).",
        '"encode": "text" for an Input of float32: text becomes ids; set the dtype to int32.',
        "Use an encoding that fits the column and the port.",
    ),
    "label-unseen": data_code(
        "A label occurs only in rows that are not used for training",
        "Labels are collected from the training rows only, to avoid leakage from held-out rows. A "
        "label without a training row can't be learned.",
        "The only Emperor among 344 penguins is a validation row: list all labels in the Output, "
        "or split so that each label occurs in both subsets.",
        "List all labels, or split so that each label occurs in both subsets.",
    ),
    "length-unknown": data_code(
        "A sequence needs a length",
        "Sequences get one length, which is set neither in the encoding nor in the Input.",
        '{"kind": "text", "params": {"unit": "bpe", "length": 100}}',
        "Set a length in the encoding or in the Input's shape.",
    ),
    "size-unknown": data_code(
        "Images need a size",
        "All images get one height and width: those of the Input, or of the encoding.",
        "An Input of shape [null, null, 3]: set it to [64, 64, 3].",
        "Set a height and a width in the Input's shape.",
    ),
    "package-missing": data_code(
        "A package is not installed",
        "Some encodings and file formats need a package that Layerloom itself does not install.",
        'For bpe: pip install "layerloom[text]"',
        "Install the named package.",
    ),
}

_CELLS = {
    "scale-unfit": data_code(
        "The column can't be scaled with this method",
        "log scales by the logarithm of 1 + value, which is defined only for values above -1.",
        'Temperatures below zero with "scale": "log": use standardize.',
        "Use another scaling method.",
    ),
    "ids-unreadable": data_code(
        "A cell is not a list of ids",
        "A sequence of ids is a list of integers, or text with spaces, commas or semicolons.",
        '"3 17 x": correct it, or encode the column as text.',
        "Correct the named cells, or encode the column as text.",
    ),
    "date-unreadable": data_code(
        "A cell is not a date",
        "All dates of a column need the same format; it is detected from the training rows.",
        '"yesterday" among dates such as 2024-03-02; 2024-02-30, which does not exist.',
        "Correct the named cells, or declare their words as missing values.",
    ),
    "date-ambiguous": data_code(
        "The order of day and month is ambiguous",
        "3/4/2024 is in April in Paris and in March in New York. No row has a number above 12, "
        "which would decide it, and Layerloom does not guess.",
        'Set "first" of the encoding to "day" or to "month".',
        "Set whether the day or the month comes first.",
    ),
    "image-outside": data_code(
        "A path leads out of the table's folder",
        "For security, a table may only refer to images below its own folder.",
        '"/etc/passwd", "../other/1.png", "https://...", or a symbolic link to another folder.',
        "Copy the images below the table's folder.",
    ),
    "image-missing": data_code(
        "An image does not exist",
        "The cell is empty, or there is no such file below the table's folder.",
        '"pictures/17.png" where the folder holds 17.PNG.',
        "Correct the path, or remove the row.",
    ),
    "image-broken": data_code(
        "An image can't be read",
        "The file is damaged, truncated, too large, or not an image.",
        "An incomplete download: download the file again, or remove its row.",
        "Download the image again, or remove the row.",
    ),
}

_NOTES = {
    "column-constant": data_code(
        "A column has the same value in every row",
        "Nothing can be learned from a constant column; often it was filled by mistake.",
        'A column "country" with one country: remove it.',
        "Remove the column.",
    ),
    "cells-filled": data_code(
        "Missing cells are filled",
        "The encoding of the column fills missing cells with what the training rows have: the "
        "median or mean of numbers, the most frequent label, or zeros for the parts of a date.",
        "A person without an age: 38, the median of the training rows, is used.",
        "Nothing, or fill the cells yourself.",
    ),
    "sentinel-values": data_code(
        "A value may stand for a missing one",
        "Numbers such as -999 and 9999 that are repeated far outside of all other values often "
        "stand for missing values. As numbers, they would dominate the scale of the column.",
        'Ages from 18 to 90 and 12 times -999: add "-999" to the missing values of the file.',
        "Add the value to the missing values, unless it was measured.",
    ),
    "labels-alike": data_code(
        "Labels differ only in case or surrounding whitespace",
        "Such labels are different classes unless the encoding ignores case. Mostly they are the "
        "same label, written in two ways.",
        'setosa and "Setosa ": set ignore_case of the encoding to true.',
        "Merge them by ignore_case, unless the difference matters.",
    ),
    "rows-cut": data_code(
        "Sequences are truncated",
        "All sequences get one length; the end of longer ones is cut off.",
        "Stories of up to 900 words with length 200: set a larger length if the end matters.",
        "Nothing, or set a larger length.",
    ),
    "label-ignored": data_code(
        "Some labels are not in the training rows",
        "All one-hot columns of such a row are 0, as in scikit-learn's OneHotEncoder, so the "
        "prediction follows from the other columns.",
        "A shop that opened after the training: its rows are like those of an unknown shop.",
        "Nothing, or train again on rows with these labels.",
    ),
    "text-unknown": data_code(
        "Many words are not in the vocabulary",
        "The most frequent words of the training rows have their own ids; all others share one.",
        "A few words of some held-out rows: usual. In most rows: the vocabulary is too small.",
        "Nothing, or increase the vocabulary size.",
    ),
}

_BEGIN = {
    "column-left-out": data_code(
        "A column is not used by the starter network",
        "It uses columns that generalize; constant or empty columns and identifiers do not.",
        "A column id that numbers the rows: the network would memorize the rows.",
        "Nothing, or add the column yourself.",
    ),
    "target-choice": data_code(
        "How a starter network predicts a column",
        "Numbers with a long upper tail, such as counts or prices, are predicted as multiples of "
        "their mean with a Poisson loss, and those that span orders of magnitude as logarithms: a "
        "squared error would mostly depend on the few largest. Few distinct integers may be "
        "quantities or classes, which only you know.",
        "A column rating from 1 to 5 is predicted as numbers, unless you choose classes.",
        "Nothing, or choose classes or numbers with --classes, --numbers or the Classes boxes.",
    ),
    "target-unfit": data_code(
        "A column can't be predicted",
        "A starter network predicts numbers (regression) and labels (classification). Free text, "
        "dates, images and constant columns can't be its targets.",
        'A column of comments as the target: choose the one that says "praise" or "complaint".',
        "Predict another column.",
    ),
    "nothing-to-learn-from": data_code(
        "No feature column is left",
        "Every column except the targets is constant, empty, or an identifier.",
        "A table of an id and a price, with the price as the target.",
        "Choose a column that can be an input.",
    ),
}

CODES: dict[str, DiagnosticCode] = {**_FIT, **_CELLS, **_NOTES, **_BEGIN}
