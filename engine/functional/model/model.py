"""`Model`: a network written as in Keras, trained by the training loop of `engine train`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.check.report import score_names
from engine.core.diagnostic import Diagnostic, DiagnosticError, diagnostic_error
from engine.core.symbolic.argument_binding import require_integer, to_plain_json
from engine.core.symbolic.call_site import with_call_site
from engine.functional.model.graph_model import GraphModel
from engine.functional.state.model_state import project_recipe
from engine.functional.training.compile_arguments import (
    CompileArguments,
    output_params,
    with_compile_arguments,
)
from engine.functional.training.metrics import applies_to_all_outputs, drop_unfit_metrics

if TYPE_CHECKING:
    from engine.functional.training.evaluation_result import Score, Scores
    from engine.functional.training.history import History


# Defaults of `fit` for settings that neither the call nor the model's file contains.
_KERAS_DEFAULTS = {"epochs": 1, "batch_size": 32, "validation_split": 0.0}


class Model(GraphModel):
    """A network from inputs to outputs that can be trained, and called as a layer.

    Args:
        inputs, outputs: a tensor, a list of tensors, or a dict of them by name.
        name: the name in the summary, and the prefix of node names if the model is called.

    Raises:
        CallSiteError: the network has errors; the exception lists all of them.
    """

    @with_call_site
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        *,
        standardize: Any = (),
        units: Any = None,
        labels: Any = None,
        missing: Any = None,
        **recipe: Any,
    ) -> None:
        """Set losses, metrics and training settings. Keeps weights, resets the optimizer's state.

        Args:
            optimizer: a name, or one of `engine.optimizers`.
            loss: a loss for all outputs, a list in the order of outputs, or a dict by output name.
            loss_weights: factors of the losses in the total loss, in the same form as `loss`.
            metrics: one or several metrics per output, in the same form as `loss`.
            standardize: outputs whose targets are scaled to (value - mean) / deviation.
            units: the units of the predicted numbers, for reports.
            labels: the class names of each output, in order.
            missing: "mask" ignores missing targets (NaN) in the loss; "error" raises an error.
            recipe: other training settings: schedule, seed, precision, device, accumulate.

        Raises:
            CallSiteError: arguments are invalid; the exception lists all errors.
        """
        self._apply_compile(
            CompileArguments(
                optimizer, loss, loss_weights, metrics, standardize, units, labels, missing, recipe
            )
        )

    def _apply_compile(self, arguments: CompileArguments) -> None:
        outputs = self.output_names
        params = output_params(outputs, arguments)
        warnings: list[Diagnostic] = []
        if applies_to_all_outputs(outputs, arguments.metrics):
            shapes = self._state.report.shapes.outputs
            specs = {name: shapes[name][""] for name in outputs}
            params, warnings = drop_unfit_metrics(params, specs)
        self._state.compile(with_compile_arguments(self.project, outputs, params, arguments))
        self._state.warn_once(warnings)

    def _build_from_rows(self, x: Any) -> None:
        """Do nothing. Sequential overrides this method to take a missing input shape from `x`."""

    @with_call_site
    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        verbose: Any = "auto",
        *,
        validation_split: float | None = None,
        validation_data: Any = None,
        shuffle: bool | None = None,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        patience: int | None = None,
        monitor: Any = "loss",
        min_delta: float = 0.0,
        restore_best_weights: bool = True,
    ) -> History:
        """Train the model. A second call continues with the weights and optimizer of the first.

        Args:
            x, y: an array, a list in the order of inputs or outputs, a dict by name, or a data
                frame with columns of these names. Without `y`, the frame `x` has the targets, too.
            batch_size, epochs: 32 and 1 by default.
            verbose: 0 prints nothing.
            validation_split: fraction of the rows to validate on, from the end; 0 by default.
            validation_data: (x, y) or (x, y, sample_weight) to validate on.
            shuffle: whether to take the rows in a new order in every epoch; true by default.
            class_weight: a dict of weights by class, or "balanced". For several outputs, a dict of
                such values by output name.
            sample_weight: a weight for each row: one array for all outputs, a list or a dict.
            initial_epoch: the number of epochs to skip; epochs - initial_epoch epochs are trained.
            patience: stop after so many epochs without improvement; None does not stop early.
            monitor: the score for early stopping, such as "loss", "val_age_mae" or "age/mae". The
                score of the validation rows is used if there are any.
            min_delta: the smallest change that counts as an improvement.
            restore_best_weights: end with the weights of the best epoch, if patience is given.

        A model loaded from a file uses the settings in the file instead of these defaults.

        Raises:
            CallSiteError: arguments or rows are invalid, or training diverges.
        """
        from engine.functional.training.fit import FitArguments, train_on_arrays
        from engine.functional.training.history import KerasScoreNames

        self._build_from_rows(x)
        self._state.require_compiled()
        fields = self._recipe_fields(
            epochs=epochs, batch_size=batch_size, shuffle=shuffle, validation_split=validation_split
        )
        if patience is not None:
            if validation_data is None and not fields["validation_split"]:
                _require_training_score(str(monitor))
            score = KerasScoreNames(self._state).engine_name(str(monitor))
            fields["stopping"] = _early_stopping(patience, score, min_delta, restore_best_weights)
        project = replace(self.project, recipe=fields)
        recipe = project_recipe(project)
        unknown = recipe.unknown_score_diagnostics(score_names(self._state.report.heads))
        if unknown:
            raise DiagnosticError(*unknown)
        first = require_integer(initial_epoch, "initial_epoch", 0)
        arguments = FitArguments(
            x, y, validation_data, sample_weight, class_weight, first, bool(verbose)
        )
        history = train_on_arrays(self._state, recipe, arguments)
        self._state.project = project
        return history

    def _recipe_fields(self, **arguments: Any) -> dict[str, Any]:
        """Return recipe fields from `arguments`; an argument of None counts as missing.

        A missing field comes from the project's recipe, or else from Keras' defaults.
        """
        given = {name: to_plain_json(v, name) for name, v in arguments.items() if v is not None}
        return {**_KERAS_DEFAULTS, **self._state.report.project.recipe, **given}

    @with_call_site
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Score | Scores | dict[str, float]:
        """Return the model's scores on the rows `x`, `y`.

        The scores can be read by name, or unpacked in Keras' order.
        """
        from engine.functional.training.evaluation import evaluate_arrays

        self._build_from_rows(x)
        self._state.require_compiled()
        size = _batch_size(batch_size)
        scores = evaluate_arrays(self._state, x, y, size, sample_weight, bool(verbose))
        return scores.to_dict() if return_dict else scores

    @with_call_site
    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """Return the predictions for the rows `x`.

        If the outputs were passed to `Model` as a dict, the result is a dict of arrays by output
        name. Otherwise, it is an array for one output, and a list of arrays for several outputs.
        """
        from engine.functional.training.evaluation import predict_arrays

        self._build_from_rows(x)
        return self._format_outputs(predict_arrays(self._state, x, _batch_size(batch_size)))

    @with_call_site
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Score | Scores | dict[str, float]:
        """Train one step on all rows as one batch. Return the scores from before this step."""
        return self._run_batch(x, y, sample_weight, class_weight, return_dict, training=True)

    @with_call_site
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Score | Scores | dict[str, float]:
        """Return the model's scores on the rows `x`, `y` as one batch."""
        return self._run_batch(x, y, sample_weight, None, return_dict, training=False)

    def _run_batch(
        self,
        x: Any,
        y: Any,
        sample_weight: Any,
        class_weight: Any,
        return_dict: bool,
        training: bool,
    ) -> Score | Scores | dict[str, float]:
        from engine.functional.training.evaluation import run_batch

        self._build_from_rows(x)
        self._state.require_compiled()
        scores = run_batch(self._state, x, y, sample_weight, class_weight, training)
        return scores.to_dict() if return_dict else scores


def _require_training_score(score: str) -> None:
    """Raise if a score is a validation score. Called only if there are no validation rows."""
    if not score.startswith("val_"):
        return
    raise diagnostic_error(
        "score-unknown",
        f'there is no score "{score}", because there are no validation rows',
        "Add validation rows: validation_split=0.2.",
        f'Monitor "{score.removeprefix("val_")}".',
        param="monitor",
        found=score,
        expected="validation_split or validation_data",
    )


def _early_stopping(patience: Any, score: str, min_delta: Any, restore: bool) -> dict[str, Any]:
    """Return the recipe's early stopping rule as JSON: `score` is the only monitored score."""
    return {
        "monitors": [{"name": score, "min_delta": to_plain_json(min_delta)}],
        "patience": to_plain_json(patience),
        "restore_best": bool(restore),
    }


def _batch_size(batch_size: Any) -> int:
    default = _KERAS_DEFAULTS["batch_size"]
    return require_integer(default if batch_size is None else batch_size, "batch_size")
