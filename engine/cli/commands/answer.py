"""The command that answers rows for as long as somebody asks: answer."""

from __future__ import annotations

import json
import sys
from typing import Any

from engine.cli.commands.evaluate import Device, Run, Weights
from engine.cli.commands.graph_files import Json
from engine.cli.console.output import say_event
from engine.core.fast_import import fast_torch_import


def answer(
    run: Run, weights: Weights = "final", device: Device = None, as_json: Json = False
) -> None:
    """Return rows as they come, each a line of JSON.

    Goes on until the input ends. First says which columns a row has, then when it is ready.
    Ask: {"cells": {"column": value}}. With "data" and "row", cells are put upon a row of a table.
    """
    from engine.check.report import check
    from engine.data.preprocessing.fitted_encoders import load_fitted_encoders
    from engine.data.preview.input_schema import input_fields
    from engine.graph.serialization.file import parse
    from engine.runs.folder.run_folder import RunFolder

    folder = RunFolder.open(run)
    report = check(parse(folder.graph_bytes()).project, available=sys.maxsize)
    asked = input_fields(report, load_fitted_encoders(folder)) if report.mapping else []
    _say({"ok": True, "fields": [field.to_json() for field in asked]})

    with fast_torch_import():
        from engine.runtime.inference.trained_model import TrainedModel
        from engine.runtime.serving.server import PredictionServer

    trained = TrainedModel.open(run, weights, device)
    answering = PredictionServer(trained, asked)
    _say({"ok": True, "ready": True, "weights": trained.loaded_weights})
    for line in sys.stdin.buffer:
        if line.strip():
            _say(answering.handle_request(line))


def _say(said: dict[str, Any]) -> None:
    say_event(json.dumps(said, allow_nan=False))
