"""Commands on a document get its tables as paths that are the same in every folder."""

from pathlib import Path

from app.processes.graph_command import split_options


def test_a_url_stays_a_url():
    options = split_options((Path("s3://bucket/v.csv"), Path("t.csv")))
    assert options == ["--validation", "s3://bucket/v.csv", "--test", str(Path("t.csv").absolute())]
