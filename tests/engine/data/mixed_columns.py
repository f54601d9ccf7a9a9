"""A table with a column of each kind, and the statistics of its columns by name."""

import numpy as np

from engine.data.profile.table_profile import profile_table
from engine.data.table.column_types import text_column
from engine.data.table.table import IN_MEMORY_PATH, Table

ROWS = 60
CELLS = {
    "height": [f"{n * 0.37 + 0.1:.2f}" for n in range(ROWS)],
    "count": [str(n % 7 + 3) for n in range(ROWS)],
    "kind": ["abc"[n % 3] for n in range(ROWS)],
    "town": [f"town {n % 20}" for n in range(ROWS)],
    "story": [" ".join(f"word{n * 7 % 50 + k}" for k in range(4 + n % 9)) for n in range(ROWS)],
    "day": [f"2024-0{n % 9 + 1}-1{n % 7}" for n in range(ROWS)],
    "flag": ["yes" if n % 2 else "no" for n in range(ROWS)],
    "tags": [["red|green", "red|blue", "blue|green"][n % 3] for n in range(ROWS)],
    "ids": [f"{n} {n + 1} 4" for n in range(ROWS)],
    "same": ["a" for _ in range(ROWS)],
}
COLUMNS = {name: text_column(cells) for name, cells in CELLS.items()}
TABLE = Table(IN_MEMORY_PATH, {**COLUMNS, "pixels": np.arange(3 * ROWS).reshape(ROWS, 3)})
STATISTICS = {statistics.name: statistics for statistics in profile_table(TABLE)}
