"""The `answer` command: serves predictions over stdin and stdout."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from engine.cli.commands.options import DeviceOption, JsonOption, RunArgument, WeightsOption
from engine.cli.console.output import print_event
from engine.cli.torch_import import import_torch


def answer(
    run: RunArgument,
    weights: WeightsOption = "final",
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Predict rows that are read from stdin, one line of JSON each.

    Runs until the input ends. The first line of output lists the columns of a row, the second one
    says that the model is ready. A request is {"cells": {"column": value}}. If it also
    has "data" (the path of a table) and "row" (a row index), the cells replace cells of that row.
    """
    from engine.check.report import check
    from engine.data.preprocessing.fitted_encoders import load_fitted_encoders
    from engine.data.preview.input_schema import input_fields
    from engine.graph.serialization.file import parse
    from engine.runs.folder.run_folder import RunFolder

    folder = RunFolder.open(run)
    report = check(parse(folder.graph_bytes()).project, available=sys.maxsize)
    columns = input_fields(report, load_fitted_encoders(folder)) if report.mapping else []
    _print_json_line({"ok": True, "fields": [asdict(field) for field in columns]})

    import_torch()
    from engine.runtime.inference.trained_model import TrainedModel
    from engine.runtime.serving.server import PredictionServer

    trained = TrainedModel.open(run, weights, device)
    server = PredictionServer(trained, columns)
    _print_json_line({"ok": True, "ready": True, "weights": trained.loaded_weights})
    for line in sys.stdin.buffer:
        if line.strip():
            _print_json_line(server.handle_request(line))


def _print_json_line(content: dict[str, Any]) -> None:
    print_event(json.dumps(content, allow_nan=False))
