"""Commands that use a trained run: evaluate, predict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from engine.cli.graphs import Json
from engine.cli.show import figure, say, say_json, table
from engine.core.diagnostic import Diagnostic, Fix, Refused

if TYPE_CHECKING:
    from engine.runtime.scored import Scored

Run = Annotated[
    Path,
    typer.Argument(readable=False, metavar="RUN", help="A run folder, such as runs/posts-001."),
]
Data = Annotated[
    Path,
    typer.Option(
        "--data", readable=False, metavar="D", help="An .npz, a .csv, or a folder of data."
    ),
]
OwnData = Annotated[
    Path | None,
    typer.Option(
        "--data",
        readable=False,
        metavar="D",
        help="A table, or a folder of data; with --split, the run's own if left out.",
    ),
]
Side = Annotated[
    Literal["train", "validation", "test"] | None,
    typer.Option("--split", help="Only rows of this side, chosen as in the training."),
]
Weights = Annotated[
    Literal["final", "best", "last"],
    typer.Option("--weights", help="Those it ended with, of the best epoch, or the newest."),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"] | None, typer.Option(help="Where to compute.")
]


def evaluate(
    run: Run,
    data: OwnData = None,
    split: Side = None,
    weights: Weights = "final",
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Score a trained network on data, by output name."""
    if data is None and split is None:
        raise Refused(_nothing_to_score(run))
    from engine.runtime.scored import scored
    from engine.runtime.trained import Trained

    trained = Trained.open(run, weights, device)
    answer = scored(trained, data, split)
    if as_json:
        say_json({
            "ok": True, "run": str(run), "data": str(answer.data), "weights": trained.loaded,
            **answer.to_dict(), "stamp": _stamp(trained.run.run),
        })  # fmt: skip
        return
    rows = f"{answer.rows:,} {split} rows" if split else f"{answer.rows:,} rows"
    say(f"{run} on {answer.data}, {rows}, {trained.loaded} weights\n")
    say(score_table(answer))
    say("\n" + "\n".join(answer.notes))


def _nothing_to_score(run: Path) -> Diagnostic:
    return Diagnostic(
        "usage",
        "no rows are named to be scored",
        found="neither --data nor --split",
        expected=f"engine evaluate {run} --data D",
        fixes=(
            Fix("Name a table: --data D."),
            Fix("Name a side of the run: --split validation, or --split test."),
        ),
    )


def score_table(answer: Scored) -> str:
    """Answer scores by output, with their units and the best that can be reached."""
    titles = ("Output", "Score", "Value", "Unit", "Best reachable")
    rows: list[tuple[str, ...]] = []
    before = None
    for score in answer.scores:
        best = "" if score.best is None else figure(score.best)
        shown = "" if score.output == before else score.output or "total"
        rows.append((shown, score.name, figure(score.value), score.unit, best))
        before = score.output
    used = [place for place in range(5) if place < 3 or any(row[place] for row in rows)]
    right = {used.index(place) for place in (2, 4) if place in used}
    return table(
        [titles[place] for place in used], [[row[place] for place in used] for row in rows], right
    )


def _stamp(run: object) -> dict[str, object]:
    keys = ("run_id", "seed", "split", "hashes", "versions", "threads", "device", "precision")
    assert isinstance(run, dict)
    return {key: run.get(key) for key in keys}


def predict(
    run: Run,
    data: Data,
    out: Annotated[
        Path,
        typer.Option("--out", readable=False, metavar="F", help="Where to write: .csv or .npz."),
    ],
    weights: Weights = "final",
    device: Device = None,
    as_json: Json = False,
) -> None:
    """Write predictions for data, in your labels and units."""
    from engine.runtime.answers import columns, refuse_other_endings, write_columns
    from engine.runtime.trained import Trained

    refuse_other_endings(out)
    trained = Trained.open(run, weights, device)
    answer = columns(trained.heads, trained.predict(data), trained.fitted)
    write_columns(out, answer)
    rows = len(next(iter(answer.values())))
    if as_json:
        say_json({
            "ok": True, "rows": rows, "columns": list(answer), "out": str(out),
            "weights": trained.loaded,
        })  # fmt: skip
    else:
        say_stand_in(weights, trained.loaded)
        say(f"Wrote {rows:,} rows to {out}: {', '.join(answer)}")


def say_stand_in(asked: str, loaded: str) -> None:
    """Say so where other weights were taken than those asked for."""
    if loaded != asked:
        say(f"There are no {asked} weights; the {loaded} ones were taken")
