"""Codes of diagnostics about windows of time series."""

from engine.core.codes.entry import DiagnosticCode, data_code

CODES: dict[str, DiagnosticCode] = {
    "series-times": data_code(
        "A series has duplicate times",
        "The rows of a series are sorted by time to find the past and the future of each. Without "
        "a group column, all rows are one series, so each time may occur once.",
        'Daily sales of three shops without "group": "shop": each date occurs three times.',
        "Name the column that identifies the series, or keep one row for each time.",
    ),
    "series-short": data_code(
        "No series is as long as a window",
        "A window has the past steps and, in training and evaluation, the predicted ones. No "
        "window contains rows of two series, or spans a gap in a series with regular steps.",
        "20 rows to predict with a network that reads 28.",
        "Use more rows, or shorter windows.",
    ),
    "series-left-out": data_code(
        "The number of windows, and of unused rows",
        "Rows of a series that is shorter than a window, or between two gaps, are not used. A gap "
        "is a step that is longer or shorter than the median step by more than half, if at most "
        "5 % of all steps are.",
        "Daily rows with three missing days: the windows that would contain them.",
        "Nothing if this is intended. Otherwise add the missing rows.",
    ),
    "series-streamed": data_code(
        "Windows can't be streamed",
        "Windows overlap, so they are read from rows in memory or in the cache. Streamed rows are "
        "read once in each epoch, one file after the other.",
        '--stream with "windows" in the data block.',
        "Leave --stream out, and free disk space for the cache.",
    ),
}
