"""Command-line options for engine commands, made from the settings of a document."""

from __future__ import annotations

from app.documents.session import SEPARATE_SPLITS, SplitPaths


def split_options(split_paths: SplitPaths) -> list[str]:
    """Return the options for separate validation and test files."""
    files = zip(SEPARATE_SPLITS, split_paths, strict=True)
    return [word for split, path in files if path for word in (f"--{split}", str(path.absolute()))]
