"""Codes of findings about data: files, columns, mapping, and values row by row."""

from engine.core.codes.entry import Code, Exit


def _data(title: str, meaning: str, example: str) -> Code:
    return Code(title, meaning, example, Exit.DATA)


_FILES = {
    "data-not-found": _data(
        "There is no data at that place",
        "Data is a file (.npz, .npy, .csv, .tsv, .parquet, .feather, .arrow, .jsonl), or a folder "
        "that holds train.npz, train.csv or another such file, .npy files, or a folder of pictures "
        "for each class.",
        "--data sample where sample is an empty folder: write one with `engine sample posts DIR`.",
    ),
    "sample-unknown": Code(
        "There is no sample of that name",
        "Each template has a sample of its own name; `engine sample` writes it.",
        "engine sample post DIR: the sample is called posts.",
        Exit.USAGE,
    ),
    "data-format": _data(
        "The file is of no kind that can be read",
        "Only files that hold nothing but values are read: .npz, .npy, .csv, .tsv, .parquet, "
        ".feather, .arrow, .jsonl. The content decides, not the name alone.",
        "A text file renamed to data.npz: save the arrays with numpy.savez.",
    ),
    "data-unreadable": _data(
        "The file can't be read",
        "The system refused to open or read the file.",
        "No permission to read, or a disk that was taken out.",
    ),
    "row-beyond": _data(
        "The table has no row of that number",
        "Rows are named by their number, counted from 0; the title line of a CSV is no row.",
        "Row 344 of a table with 344 rows: the last one is row 343.",
    ),
    "data-too-large": _data(
        "The data is larger than the limit",
        "What a file declares is summed before anything is read, so that a small file can't fill "
        "the memory.",
        "An .npz of 2 MB may declare 2 GiB of zeros. Use fewer rows, or a smaller dtype.",
    ),
    "file-damaged": _data(
        "The file is damaged",
        "A packed file carries a checksum and its own length, and they do not agree with what is "
        "in it. Part of a file is not trained on.",
        "A download that broke off: copy data.csv.gz again.",
    ),
    "archive-odd": _data(
        "The archive holds something that is no array",
        "Each member of an .npz is one array called NAME.npy, named once, not encrypted and in no "
        "folder. Anything else is a sign of a mistake or an attack.",
        "Two members called x.npy: which one is meant can't be known.",
    ),
    "array-broken": _data(
        "The stored array is damaged",
        "The header of the array and the bytes after it do not agree, or a checksum fails. Part "
        "of a file is not trained on.",
        "A header that declares 1,000 rows over bytes for 900. Write or copy the file again.",
    ),
    "array-dtype": _data(
        "Values of this kind can't be trained on",
        "Networks take real numbers, whole numbers, booleans and, through labels, text. Python "
        "objects are never read from a file, since reading them may run code.",
        "complex64: store the real and the imaginary part as two columns.",
    ),
    "array-converted": _data(
        "An array was converted while reading",
        "The values are the same; only the way in which they are stored differs from this "
        "machine's.",
        "Big-endian float32 becomes float32, uint16 becomes int32.",
    ),
    "rows-differ": _data(
        "Two arrays have different numbers of rows",
        "Row i of every array is the same example, so all need equally many rows.",
        "x has 1,000 rows and y has 999: one label is missing or was cut off.",
    ),
    "column-names": _data(
        "The columns are not named once each",
        "A mapping says by name which column goes where, so every column needs one of its own.",
        "A Parquet file with two columns called x.",
    ),
    "csv-header": _data(
        "The table's first line does not name its columns",
        "The first line of a CSV file holds one name per column, each of them once.",
        '"age,age": rename one of the two columns.',
    ),
    "csv-broken": _data(
        "A line of the table can't be read",
        "Each line needs as many cells as the header has names, in UTF-8, with quotes closed. "
        "Lines are never repaired by guessing.",
        "Line 17 has 4 cells where the header has 5: a comma inside a text needs quotes.",
    ),
    "csv-read-as": _data(
        "How the table was read",
        "The sign between cells, and the decimal sign, are detected; here they are stated, so that "
        "a wrong guess is seen.",
        "3,5 in a table with semicolons is read as three and a half.",
    ),
    "number-unreadable": _data(
        "A cell holds no number",
        "The column feeds numbers to a port, and this cell is not one. Digits are not grouped, "
        "and a comma that may group digits is not taken for a decimal sign.",
        '"1_000", "12 years" and "1,000" are refused; write 1000, 12 and 1000 (or 1.000).',
    ),
    "json-broken": _data(
        "A line of JSON can't be read",
        "Each line is one object, its keys the columns, each key once and always with the same "
        "kind of value: numbers, text, yes or no, or lists of them.",
        '{"age": 3} followed by {"age": "four"}: write numbers in every line.',
    ),
    "column-not-written": _data(
        "A column has no room in the file",
        "A cell of a CSV holds one value. Arrays with several values a row are left out of it; "
        ".parquet, .jsonl and .npz hold them.",
        "Predictions for posts of 500 ids each, written as predictions.csv: the ids are left out.",
    ),
    "files-left-out": _data(
        "Files in a folder of pictures are no pictures",
        "In a folder of pictures by class, each folder is a class and each picture in it a row; "
        "whatever else lies there is left out.",
        "cats/notes.txt beside cats/1.jpg.",
    ),
    "cell-missing": _data(
        "Cells are empty",
        "Every row needs a value for each input, and for each target that is trained, unless its "
        'Output has missing "mask": then a row without a target trains the other outputs only.',
        '11 penguins without a sex: set missing of that output to "mask".',
    ),
}

_PORTS = {
    "port-unknown": _data(
        "The mapping names no input or output of the graph",
        'The file\'s "data" block maps columns to the names of Input and Output nodes.',
        '"targets": {"aeg": ...} where the Output node is called age.',
    ),
    "column-missing": _data(
        "A port has no data",
        "Each input and each trained output takes the array or column that the mapping names, or, "
        "without a mapping, the one of its own name.",
        "The Input is called posts, the file holds post: rename one, or map the column.",
    ),
    "column-unused": _data(
        "A column is not used",
        "No input or output takes it. That is fine if it was meant. Where a port is called nearly "
        "like it, a name was probably mistyped, so that is a warning.",
        "gendre in the file while the graph predicts gender.",
    ),
    "column-twice": _data(
        "A column is both an input and a target",
        "The network can copy its answer from its input, so the scores say nothing.",
        "age fed to a Dense and predicted by an Output.",
    ),
    "array-shape": _data(
        "An array does not have the shape that its port needs",
        "Rows come first, then the axes of the Input, or of what the Output predicts.",
        "An Input of shape (64,) needs an array of (rows, 64).",
    ),
    "column-kind": _data(
        "A column holds another kind of values than its port needs",
        "Text becomes classes, or yes and no; it can't be predicted as a number or standardised.",
        "city as the target of a mean squared error: use a softmax and a cross-entropy.",
    ),
    "target-form": _data(
        "The target's form does not fit the loss",
        "categorical_crossentropy takes one column per class, and its sparse form takes the number "
        "of the class.",
        "Targets 0, 2, 1 with categorical_crossentropy: use sparse_categorical_crossentropy.",
    ),
    "label-unknown": _data(
        "A cell holds a label that is not listed",
        "The labels are fixed when a training starts, so that class numbers keep their meaning.",
        "Emperor among Adelie, Chinstrap and Gentoo.",
    ),
    "labels-differ": _data(
        "The mapping and the output name different labels",
        "Labels stand in the order of their class numbers. An output's class_weight follows the "
        "output's own labels, so a second list in another order would weigh the wrong classes.",
        '"labels": ["yes", "no"] in the mapping of an Output with labels ["no", "yes"].',
    ),
    "split-empty": _data(
        "The split leaves no rows on one side",
        "Both the training and the validation need at least one row.",
        "validation_split 0.9 of one row.",
    ),
    "split-unfit": _data(
        "The rows can't be split so",
        "A split looks at a column: at classes that are spread over the sides, groups that stay "
        "together, a time, or a word that says which side a row is on. Each row has to say it.",
        "A row whose column part says tset: write test.",
    ),
    "weight-unfit": _data(
        "A row can't count so much",
        "A weight says how much a row counts in the loss: 2 counts as two rows, 0 not at all. "
        "Below 0 the network would learn to be wrong.",
        "An empty cell in the column of weights: write 1 for a row like any other.",
    ),
}

_VALUES = {
    "no-rows": _data(
        "The data has no rows",
        "There is nothing to learn from and nothing to score: the file is empty, or holds a header "
        "or empty arrays only.",
        "A file of 0 bytes, or an array of shape (0, 64).",
    ),
    "few-rows": _data(
        "The data has very few rows",
        "Scores on a handful of rows say little about other rows.",
        "8 rows, 2 of them for validation: one row more or less right moves the score by half.",
    ),
    "not-finite": _data(
        "Values are missing or infinite",
        "An empty cell is no number, and one of them would spoil every weight at the first step.",
        "A height that nobody measured, or a measurement of 1/0: fill it, or leave the row out.",
    ),
    "target-masked": _data(
        "Rows without a target count for other outputs only",
        "Such a row gives no loss from this output, and its metrics leave it out; a mean is one "
        "over the rows that have a target.",
        "11 of 344 penguins without a sex: species and mass still learn from them.",
    ),
    "precision-lost": _data(
        "Whole numbers are too large for float32",
        "float32 holds whole numbers exactly up to 16,777,216; beyond it neighbours become equal.",
        "Customer numbers as measurements: feed them as ids, or leave them out.",
    ),
    "length-too-short": _data(
        "The sequences are shorter than the network needs",
        "Windows and poolings shorten a sequence; somewhere on the way nothing would be left.",
        "posts needs at least 269 steps, the data has 100: pad, or take a pooling out.",
    ),
    "ids-not-whole": _data(
        "Ids or class numbers are not whole",
        "An Embedding looks up row 3 or row 4 of its table, there is no row 3.5.",
        "Measurements wired to an Embedding: use a Dense.",
    ),
    "ids-were-floats": _data(
        "Ids were stored as real numbers",
        "All of them are whole, so nothing is lost.",
        "3.0 is read as 3.",
    ),
    "id-negative": _data(
        "Ids are negative",
        "Ids count from 0, where 0 is often the padding.",
        "-1 for an unknown word: give unknown words an id of their own.",
    ),
    "id-out-of-vocabulary": _data(
        "Ids are beyond the vocabulary",
        "input_dim of an Embedding is the largest id plus one. The number of weights does not show "
        "a swap of input_dim and output_dim; only the data does.",
        "input_dim 64 and the id 9,999: set input_dim to 10,000.",
    ),
    "one-hot-empty": _data(
        "One-hot rows are all zero",
        "A row without a class adds exactly nothing to the loss, so nothing is learned from it and "
        "nobody notices.",
        "income: all 1000 rows sum to 0. numpy's randint(0, 1) makes only zeros.",
    ),
    "one-hot-several": _data(
        "One-hot rows name several classes",
        "A categorical cross-entropy wants exactly one class per row.",
        "[1, 0, 1]: use binary_crossentropy with a sigmoid if several may hold at once.",
    ),
    "not-distribution": _data(
        "Rows do not sum to 1",
        "The target of a categorical cross-entropy is one class, or a share for each class (soft "
        "labels); the shares sum to 1.",
        "Random numbers in place of one-hot rows: divide each row by its sum, or take the class.",
    ),
    "soft-labels": _data(
        "The target gives shares instead of one class",
        "Each row sums to 1, so it is trained on as soft labels.",
        "[0.7, 0.2, 0.1]: 70 % of the raters chose the first class.",
    ),
    "label-out-of-range": _data(
        "Class numbers are out of range",
        "Classes count from 0, so an output with n units takes 0 to n - 1.",
        "Class 10 for an output with 10 units: classes were counted from 1.",
    ),
    "binary-out-of-range": _data(
        "Yes-or-no targets are not between 0 and 1",
        "A binary cross-entropy takes 0 for no, 1 for yes, or a share in between.",
        "1 and 2 for two groups: subtract 1.",
    ),
    "target-constant": _data(
        "A target has one value only",
        "A network learns to answer that value whatever it is fed, and every score looks perfect.",
        "gender has one value only: numpy's randint(0, 1) makes only zeros.",
    ),
    "loss-dominated": _data(
        "One output makes nearly all of the total loss",
        "What is trained is the sum of weight times loss over all outputs. An output whose loss is "
        "a hundred times as large as the others' decides every step, and the others hardly learn. "
        "The shares are those of a network that has not learned anything yet.",
        "Ages from 1 to 99 with mse and weight 0.25 beside two cross-entropies: age makes 99 % of "
        "the total. Standardise it, or lower its loss_weight.",
    ),
    "input-scale": _data(
        "An input's numbers are far from 1",
        "The first steps of a training are as large as the numbers that come in, so those of some "
        "thousands drown the others, and the loss hardly falls. Told of columns whose deviation is "
        "above 100, or whose mean is above 100 and as many deviations.",
        "Grams from 3000 to 6000 straight into a Dense: standardise them.",
    ),
    "target-scale": _data(
        "A target's numbers are large",
        "A mean squared error grows with the square of the numbers, so this output would outweigh "
        "the others.",
        "Ages of 1 to 99 beside a cross-entropy: about 98.7 % of the total loss.",
    ),
}

CODES: dict[str, Code] = {**_FILES, **_PORTS, **_VALUES}
