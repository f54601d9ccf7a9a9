"""Codes of diagnostics about data: files, columns, the data mapping, and values."""

from engine.core.codes.entry import DiagnosticCode, data_code, usage_code

_FILES = {
    "data-not-found": data_code(
        "No data found at that path",
        "Data is a file (.npz, .npy, .csv, .tsv, .txt, .parquet, .feather, .arrow, .jsonl, .json, "
        ".xlsx, .ods, .zip), a folder with train.npz, train.csv or another such file, with .npy "
        "files, with files of one format, or with one folder of images for each class, a pattern "
        "such as folder/*.parquet, a URL such as s3://bucket/folder, or a table of a database.",
        "--data sample where sample is an empty folder: write one with `engine sample posts DIR`.",
        "Use a file or a folder that contains data.",
    ),
    "data-query": data_code(
        "The database query failed",
        "After # is a table, or a query if it has a space. It can only read. Without `order by`, "
        "the rows may come in another order each time.",
        "--data 'shop.db#orders' without a table orders: name another one.",
        "Correct the query.",
    ),
    "data-url": data_code(
        "The URL of the data can't be opened",
        "Credentials come from the environment, never from the URL, because messages and run.json "
        "contain it; only the password of a database is left out there. Write a space as %20.",
        "s3://KEY:SECRET@bucket/folder: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead.",
        "Check the address, and the credentials in the environment.",
    ),
    "shards-differ": data_code(
        "Two shards of a table have different columns",
        "The files that a pattern, a folder or a URL names are one table, so each needs columns "
        "of the same names and types.",
        "folder/*.csv matches train-1.csv and also notes.csv: write folder/train-*.csv.",
        "Give all files the same columns, or name the files that belong together.",
    ),
    "shards-joined": data_code(
        "Several files were read as one table",
        "The files that a pattern, a folder or a URL names are one table, in the order of names.",
        "A folder with train-1.csv, train-2.csv and test.csv: write folder/train-*.csv.",
        "Nothing, if the files belong together.",
    ),
    "sheet-chosen": data_code(
        "The first sheet of a workbook was read",
        "A workbook may have several sheets, each of which is a table. Without a name, the first "
        "one is read.",
        "sales.xlsx with the sheets 2023 and 2024: name one as sales.xlsx#2024.",
        "Nothing, if the table is on the first sheet.",
    ),
    "data-streamed": data_code(
        "The rows are streamed",
        "A table too large for the disk's free space, or with --stream, is not encoded into a "
        "cache, but for the rows that are held out: each epoch reads its files again, in another "
        "order. The order depends on the seed, the epoch and the number of processes, so that only "
        "a resume with as many is exact.",
        "Shards of 2 TB in an object store.",
        "Free space for a cache, if an exact resume with other processes matters.",
    ),
    "sample-unknown": usage_code(
        "There is no sample with that name",
        "Each template has a sample with the same name; `engine sample` writes it.",
        "engine sample post DIR: the sample is called posts.",
        "Use the name of a template; each has a sample.",
    ),
    "data-format": data_code(
        "The file format is not supported",
        "Supported formats are .npz, .npy, .csv, .tsv, .txt, .parquet, .feather, .arrow, .jsonl, "
        ".json, .xlsx, .ods and .zip, which contain only values, no code. The content has to match "
        "the file extension.",
        "A text file renamed to data.npz: save the arrays with numpy.savez.",
        "Use a supported format, or convert the data to one.",
    ),
    "data-unreadable": data_code(
        "The file can't be read",
        "The system could not open or read the file, or it changed while it was read.",
        "A missing read permission, or a disk that was removed.",
        "Check the permissions of the file and the disk.",
    ),
    "row-beyond": data_code(
        "The table has no row with that number",
        "Rows are numbered from 0; the header of a CSV file is not a row.",
        "Row 344 of a table with 344 rows: the last one is row 343.",
        "Use the number of an existing row; rows are numbered from 0.",
    ),
    "data-too-large": data_code(
        "The data is larger than the limit",
        "The declared size of arrays is checked first, so a small file can't exhaust the memory. A "
        "table has at most 10,000 columns; an array with several numbers per row is one column.",
        "An .npz of 2 MB may declare 2 GiB of zeros. Use fewer rows, or a smaller dtype.",
        "Use fewer rows, or a smaller dtype.",
    ),
    "file-damaged": data_code(
        "The file is damaged",
        "The checksum or length does not match the content. A partial file is not used.",
        "An incomplete download: copy data.csv.gz again.",
        "Copy or download the file again.",
    ),
    "archive-odd": data_code(
        "The archive contains a member that is not an array",
        "Each member of an .npz has to be one array called NAME.npy, with a unique name, not "
        "encrypted and not in a folder. Anything else may be a mistake or an attack.",
        "Two members called x.npy: it is ambiguous which one to read.",
        "Write the archive again with numpy.savez.",
    ),
    "array-broken": data_code(
        "The stored array is damaged",
        "The header does not match the data, or a checksum fails. A partial array is not used.",
        "A header that declares 1,000 rows before data for 900. Write or copy the file again.",
        "Write the array again with numpy.save.",
    ),
    "array-dtype": data_code(
        "The dtype of an array is not supported",
        "Supported are floats, integers, booleans and, as labels, text. Python objects are never "
        "read from a file, because unpickling them could run code.",
        "complex64: store the real and the imaginary part as two columns.",
        "Convert the array to a supported dtype.",
    ),
    "array-converted": data_code(
        "The values of a column were converted while reading",
        "Networks compute with binary numbers, and the parts of a date are those of UTC.",
        "Decimals become float64, and times in Europe/Berlin become times in UTC.",
        "Nothing, or store the column in the converted type.",
    ),
    "rows-differ": data_code(
        "Two arrays have different numbers of rows",
        "Row i of every array belongs to the same example, so all need the same number of rows.",
        "x has 1,000 rows and y has 999: one label is missing.",
        "Use the same number of rows in all arrays.",
    ),
    "column-names": data_code(
        "The column names are not unique",
        "A data mapping refers to columns by name, so every column needs a unique name.",
        "A Parquet file with two columns called x.",
        "Give each column a unique name.",
    ),
    "csv-header": data_code(
        "The table's first line is not a header",
        "The first line of a CSV file has to contain unique names. A column without a name is "
        "called column_2, say; a first one that numbers the rows is left out.",
        '"age,age": rename one of the two columns.',
        "Write one unique name per column in the first line.",
    ),
    "csv-broken": data_code(
        "A line of the table can't be read",
        "Each line needs as many cells as the header has names, in UTF-8, with closed quotes. "
        "Broken lines are never repaired automatically.",
        "Line 17 has 4 cells where the header has 5: a comma inside a text needs quotes.",
        "Correct the named line.",
    ),
    "csv-read-as": data_code(
        "How the table was read",
        "Delimiter and decimal separator are detected, and reported so that you can check them.",
        "3,5 in a table with semicolons is read as 3.5.",
        "Nothing if it is correct; otherwise set the format in the data block.",
    ),
    "number-unreadable": data_code(
        "A cell is not a number",
        "The column is used as numbers, but this cell can't be parsed. A few such cells count as "
        "missing. Commas that may group digits or be decimal signs have to be settled.",
        '"n/a" among numbers is missing. "1,000" alone is 1000 or 1.0: set "decimal" of the file.',
        "Correct the named cells, or declare their words as missing values.",
    ),
    "json-broken": data_code(
        "A line of JSON can't be read",
        "Each line is one object whose keys are the columns. Keys are unique, and a column has the "
        "same type in all lines: numbers, text, booleans, or lists of them.",
        '{"age": 3} followed by {"age": "four"}: write numbers in every line.',
        "Correct the named line.",
    ),
    "column-not-written": data_code(
        "A column can't be written to this file",
        "A cell of a CSV file holds one value; .parquet, .jsonl and .npz can hold arrays. A "
        "file has one column of each name, so a prediction replaces a column with its name.",
        "Predictions for posts of 500 ids each, written as predictions.csv: the ids are omitted.",
        "Nothing, or write a .parquet file, or rename the column.",
    ),
    "files-left-out": data_code(
        "Some files in an image folder are not images",
        "Each subfolder is a class and each image in it is a row; other files are ignored.",
        "cats/notes.txt next to cats/1.jpg.",
        "Nothing, or move the files away.",
    ),
    "cell-missing": data_code(
        "Values are missing",
        "Every row needs a value for each input, and for each target that is trained, unless its "
        'Output has missing "mask": then a row without a target trains the other outputs only.',
        '11 penguins without a sex: set missing of that output to "mask".',
        "Fill the cells, remove the rows, or mask the output's missing targets.",
    ),
}

_PORTS = {
    "port-unknown": data_code(
        "The data mapping names an unknown input or output",
        'The file\'s "data" block maps columns to the names of Input and Output nodes.',
        '"targets": {"aeg": ...} where the Output node is called age.',
        "Use the name of an Input or an Output of the graph.",
    ),
    "column-missing": data_code(
        "A port has no data",
        "Each input and each trained output needs the array or column that the data mapping names, "
        "or, without a mapping, the one with its own name.",
        "The Input is called posts, the file has post: rename one, or map the column.",
        "Map a column to the port.",
    ),
    "column-unused": data_code(
        "A column is not used",
        "No input or output uses it, which may be intended. If its name is similar to that of a "
        "port, a typing error is likely, so it is a warning.",
        "gendre in the file while the graph predicts gender.",
        "Nothing, or map the column to a port.",
    ),
    "column-twice": data_code(
        "A column is used twice",
        "A network can copy a target that is also an input, so that the scores are meaningless.",
        "age is an input of a Dense and the target of an Output.",
        "Use another column as the input, or another one as the target.",
    ),
    "array-shape": data_code(
        "An array has the wrong shape for its port",
        "The first axis is the rows, followed by the axes of the Input, or of the Output's target.",
        "An Input of shape (64,) needs an array of (rows, 64).",
        "Change the Input's shape, or the array's.",
    ),
    "column-kind": data_code(
        "A column has the wrong type for its port",
        "Text can be encoded as classes or binary labels, but not predicted as a number or scaled.",
        "city as the target of a mean squared error: use a softmax and a cross-entropy.",
        "Map another column, or use a layer and a loss that fit this one.",
    ),
    "target-form": data_code(
        "The format of the target does not fit the loss",
        "categorical_crossentropy needs one column per class; sparse_categorical_crossentropy "
        "needs class indices.",
        "Targets 0, 2, 1 with categorical_crossentropy: use sparse_categorical_crossentropy.",
        "Use a loss that fits the format of the target.",
    ),
    "label-unknown": data_code(
        "A cell has an unknown label",
        "The labels are fixed when training starts, so that class indices keep their meaning.",
        "Emperor among Adelie, Chinstrap and Gentoo.",
        "Add the label to the list, or correct the cell.",
    ),
    "labels-differ": data_code(
        "The data mapping and the output list different labels",
        "Labels are listed in the order of their class indices. class_weight refers to the "
        "output's labels, so another order in the mapping would weight the wrong classes.",
        '"labels": ["yes", "no"] in the mapping of an Output with labels ["no", "yes"].',
        "List the labels once, in one order.",
    ),
    "split-empty": data_code(
        "The split leaves a subset without rows",
        "Training and validation need at least one row each.",
        "validation_split 0.9 of one row.",
        "Choose a fraction that leaves rows in every subset.",
    ),
    "split-unfit": data_code(
        "The rows can't be split with these settings",
        "A split may use a column: classes to stratify by, groups to keep together, a time to sort "
        "by, or the name of the subset. Every row needs a valid value in it.",
        'A row with "tset" in the column of subset names: write test.',
        "Use subsets, columns or times that exist in the rows.",
    ),
    "weight-unfit": data_code(
        "Invalid sample weight",
        "A sample weight scales the loss of a row: a row of weight 2 counts as two rows, one of "
        "weight 0 is ignored. Weights must not be negative or missing.",
        "An empty cell in the column of weights: write 1 for the usual weight.",
        "Give every row a weight of at least 0.",
    ),
}

_VALUES = {
    "no-rows": data_code(
        "The data has no rows",
        "There is nothing to use: the file is empty, or has only a header or empty arrays.",
        "A file of 0 bytes, or an array of shape (0, 64).",
        "Use data that has rows.",
    ),
    "few-rows": data_code(
        "The data has very few rows",
        "Scores on a few rows say little about other rows.",
        "8 rows, 2 of them for validation: one more correct row changes the accuracy by half.",
        "Collect more rows; scores on so few are unreliable.",
    ),
    "not-finite": data_code(
        "Values are NaN, missing or infinite",
        "One NaN or infinite value would make every weight NaN at the first step.",
        "A missing height, or a measurement of 1/0: fill it, or remove the row.",
        "Correct the named rows, or remove them.",
    ),
    "target-masked": data_code(
        "Rows without a target are used for other outputs only",
        "Such a row is left out of this output's loss and metrics, which average the other rows.",
        "11 of 344 penguins without a sex: species and mass are still trained on them.",
        "Nothing, or fill in the targets.",
    ),
    "precision-lost": data_code(
        "Integers are too large for float32",
        "float32 represents integers exactly up to 16,777,216; above that, neighbors become equal.",
        "Customer numbers as measurements: use them as ids, or remove them.",
        "Use the numbers as ids, or remove the column.",
    ),
    "length-too-short": data_code(
        "The sequences are shorter than the network needs",
        "Convolutions and poolings shorten a sequence; after one of them no step would be left.",
        "posts needs at least 269 steps, the data has 100: pad, or remove a pooling.",
        "Use longer sequences, pad them, or remove a convolution or a pooling.",
    ),
    "ids-not-whole": data_code(
        "Ids or class indices are not integers",
        "An Embedding looks up row 3 or row 4 of its table; there is no row 3.5.",
        "Measurements connected to an Embedding: use a Dense.",
        "Use the column as measurements, or convert its values to integers.",
    ),
    "ids-were-floats": data_code(
        "Ids are stored as floats",
        "All of them are integers, so nothing is lost.",
        "3.0 is read as 3.",
        "Nothing, or store them as integers.",
    ),
    "id-negative": data_code(
        "Ids are negative",
        "Ids start at 0, which is often the padding.",
        "-1 for an unknown word: use a separate id for unknown words.",
        "Number ids from 0, with a separate id for unknown values.",
    ),
    "id-out-of-vocabulary": data_code(
        "Ids are outside the vocabulary",
        "input_dim of an Embedding has to be at least the largest id plus one.",
        "input_dim 64 and the id 9,999: set input_dim to 10,000.",
        "Set input_dim of the Embedding to one more than the largest id.",
    ),
    "one-hot-empty": data_code(
        "One-hot rows are all zero",
        "The loss of a row without a class is 0, so nothing is learned from it, without any error.",
        "income: all 1000 rows sum to 0. numpy's randint(0, 1) makes only zeros.",
        "Set the class of each row, or remove the row.",
    ),
    "one-hot-several": data_code(
        "One-hot rows have several classes",
        "A categorical cross-entropy needs exactly one class per row.",
        "[1, 0, 1]: use binary_crossentropy with a sigmoid if a row may have several classes.",
        "Use a sigmoid and binary_crossentropy, if a row may have several classes.",
    ),
    "not-distribution": data_code(
        "Rows do not sum to 1",
        "The target of a categorical cross-entropy is one class, or a probability for each class "
        "(soft labels); the probabilities sum to 1.",
        "Random numbers in place of one-hot rows: divide each row by its sum, or use its class.",
        "Divide each row by its sum, or use its class.",
    ),
    "soft-labels": data_code(
        "The target has probabilities instead of one class",
        "Each row sums to 1, so the rows are used as soft labels.",
        "[0.7, 0.2, 0.1]: 70 % of the raters chose the first class.",
        "Nothing, if soft labels are intended.",
    ),
    "label-out-of-range": data_code(
        "Class indices are out of range",
        "Class indices start at 0, so an output with n units takes 0 to n - 1.",
        "Class 10 for an output with 10 units: the classes were numbered from 1.",
        "Number classes from 0, or increase the units of the output.",
    ),
    "binary-out-of-range": data_code(
        "Binary targets are not between 0 and 1",
        "A binary cross-entropy needs 0 or 1, or a probability.",
        "1 and 2 for two groups: subtract 1.",
        "Write 0 and 1.",
    ),
    "target-constant": data_code(
        "A target is constant",
        "The network learns to predict that value for every input, and every score looks perfect.",
        "gender has one value only: numpy's randint(0, 1) makes only zeros.",
        "Predict a column whose values differ.",
    ),
    "loss-dominated": data_code(
        "One output dominates the total loss",
        "The total loss is the sum of weight times loss over all outputs. If the loss of one "
        "output is a hundred times that of the others, it determines every step, and the others "
        "hardly learn. The shares are those of the untrained network.",
        "Ages from 1 to 99 with mse next to two cross-entropies: age is 99 % of the total.",
        "Standardize the large target.",
    ),
    "input-scale": data_code(
        "An input is not scaled",
        "The first gradients are proportional to the input values, so columns with values in the "
        "thousands dominate the others and the loss hardly falls. Reported for columns with a "
        "standard deviation above 100, or a mean above 100 and above 100 standard deviations.",
        "Grams from 3000 to 6000 as the input of a Dense: standardize them.",
        "Standardize the columns (scale in the data block).",
    ),
    "target-scale": data_code(
        "The values of a target are large",
        "A mean squared error grows with the square of the values, so it would dominate the total.",
        "Ages of 1 to 99 next to a cross-entropy: about 98.7 % of the total loss.",
        "Standardize the target (scale in the data block).",
    ),
}

CODES: dict[str, DiagnosticCode] = {**_FILES, **_PORTS, **_VALUES}
