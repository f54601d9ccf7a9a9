"""Twenty planted mistakes: ten in layers and losses, five in data, five in loop and optimizers.

Each is a mistake that a person could make and that no type checker finds. None is equivalent to
the code that it replaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS = "tests/engine/layers"
AGAINST_KERAS = f"{LAYERS}/test_against_keras.py"


@dataclass(frozen=True)
class Mutant:
    """One planted mistake.

    Args:
        name: what is wrong in the mutated code.
        file: path of the mutated file, relative to the root of the project.
        old: text of the file that is replaced; it occurs exactly once.
        new: text that replaces it.
        tests: files of tests, one of which has to fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def mutated(self, root: Path) -> str:
        """Return the text of the file under `root` with the mistake in it.

        Raises:
            ValueError: if the old text doesn't occur exactly once.
        """
        text = (root / self.file).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.name}: {self.old!r} occurs {text.count(self.old)} times in {self.file}, "
                "not once; plant the mistake in today's code"
            )
        return text.replace(self.old, self.new)


LAYERS_AND_LOSSES = (
    Mutant(
        "causal padding is at the wrong end",
        "engine/layers/support/sliding_window.py",
        "return nn.ZeroPad1d((self.effective_size[0] - 1, 0))",
        "return nn.ZeroPad1d((0, self.effective_size[0] - 1))",
        (f"{LAYERS}/test_conv.py",),
    ),
    Mutant(
        "the window of a valid padding is one step shorter with a dilation",
        "engine/core/tensor_spec.py",
        "span = dilation * (kernel - 1) + 1",
        "span = dilation * (kernel - 1) + (dilation < 2)",
        (f"{LAYERS}/test_conv.py", f"{LAYERS}/test_conformance.py"),
    ),
    Mutant(
        "a default differs from Keras'",
        "engine/layers/pool.py",
        'pool_size: PositiveInt = Field(2, description="Length of the window in steps.")',
        'pool_size: PositiveInt = Field(3, description="Length of the window in steps.")',
        (f"{LAYERS}/test_keras_arguments.py", f"{LAYERS}/test_pool.py"),
    ),
    Mutant(
        "masked steps count in a mean",
        "engine/layers/pool.py",
        "torch.where(weights, x, 0).sum(1, **self._keepdim())",
        "x.sum(1, **self._keepdim())",
        (f"{LAYERS}/test_pool.py", AGAINST_KERAS),
    ),
    Mutant(
        "a causal query doesn't see its own step",
        "engine/runtime/nn_extras/attention.py",
        "rules += [(offset <= 0).unsqueeze(0)] if causal else []",
        "rules += [(offset < 0).unsqueeze(0)] if causal else []",
        (f"{LAYERS}/test_attention.py", AGAINST_KERAS),
    ),
    Mutant(
        "masked steps return 0 instead of the previous output",
        "engine/runtime/nn_extras/recurrent.py",
        "has_output = mask if self.zero_masked else unmasked_count > 0",
        "has_output = mask",
        (f"{LAYERS}/test_recurrent.py", AGAINST_KERAS),
    ),
    Mutant(
        "the backward sequence stays backward",
        "engine/runtime/nn_extras/bidirectional.py",
        "back = back.flip(1)",
        "back = back.flip(0)",
        (f"{LAYERS}/test_bidirectional.py", AGAINST_KERAS),
    ),
    Mutant(
        "the momentum of a moving mean is turned around",
        "engine/runtime/nn_extras/norm.py",
        "self.moving_mean.lerp_(mean, 1 - self.momentum)",
        "self.moving_mean.lerp_(mean, self.momentum)",
        (f"{LAYERS}/test_norm.py", AGAINST_KERAS),
    ),
    Mutant(
        "the Huber loss jumps where it becomes linear",
        "engine/objectives/regression.py",
        "linear = self.delta * error - 0.5 * self.delta**2",
        "linear = self.delta * error - 0.5 * self.delta",
        ("tests/engine/objectives", "tests/engine/runtime/model/test_losses.py"),
    ),
    Mutant(
        "label smoothing is not shared among the classes",
        "engine/objectives/classification.py",
        "+ smoothing / target.shape[-1] if smoothing",
        "+ smoothing / 2 if smoothing",
        ("tests/engine/objectives", "tests/engine/runtime/model/test_losses.py"),
    ),
)

DATA = (
    Mutant(
        "a one-hot target with one missing class counts as present",
        "engine/data/preprocessing/target_masks.py",
        "np.asarray(mask.all(axis=-1))",
        "np.asarray(mask.any(axis=-1))",
        ("tests/engine/data/preprocessing/test_target_masks.py",),
    ),
    Mutant(
        "a stratified split gives the last rows to the smallest remainders",
        "engine/data/splits/stratified_split.py",
        'order = np.argsort(counts - exact, kind="stable")',
        'order = np.argsort(exact - counts, kind="stable")',
        ("tests/engine/data/splits",),
    ),
    Mutant(
        "rows are padded on the other side",
        "engine/data/encoders/padding.py",
        'if pad == "start":',
        'if pad != "start":',
        ("tests/engine/data/encoders",),
    ),
    Mutant(
        "predictions are scaled back around the wrong center",
        "engine/data/encoders/number.py",
        "values = scaled + _broadcastable(self.center, predicted)",
        "values = scaled - _broadcastable(self.center, predicted)",
        ("tests/engine/data/encoders",),
    ),
    Mutant(
        "class weights count classes that don't occur",
        "engine/data/preprocessing/class_weights.py",
        "(is_present.sum() * np.maximum(counts, 1))",
        "(len(counts) * np.maximum(counts, 1))",
        ("tests/engine/data/preprocessing/test_class_weights.py",),
    ),
)

LOOP_AND_OPTIMIZERS = (
    Mutant(
        "the loss weight of an output is ignored",
        "engine/runtime/loss_weighting/total_loss.py",
        "losses[head.name] * head.loss_weight",
        "losses[head.name]",
        ("tests/engine/runtime/model/test_network.py", "tests/engine/runtime/training"),
    ),
    Mutant(
        "the counts of a step are those of its first batch",
        "engine/runtime/training/step.py",
        "summed = torch.stack(numbers).sum(0)",
        "summed = numbers[0]",
        ("tests/engine/runtime/training",),
    ),
    Mutant(
        "early stopping waits one epoch too long",
        "engine/recipe/early_stopping_rule.py",
        "state.waited < self.patience",
        "state.waited <= self.patience",
        ("tests/engine/recipe", "tests/engine/runtime/training"),
    ),
    Mutant(
        "gradients below the limit of their global norm grow",
        "engine/runtime/optimizers/gradients.py",
        "factor = limit / norm.clamp_(min=limit)",
        "factor = limit / norm",
        ("tests/engine/runtime/optimizers",),
    ),
    Mutant(
        "the bias correction of Adamax is one step late",
        "engine/runtime/optimizers/algorithms.py",
        "rate = lr / (1 - beta_1 ** (self.iterations + 1))",
        "rate = lr / (1 - beta_1 ** (self.iterations + 2))",
        ("tests/engine/runtime/optimizers",),
    ),
)

MUTANTS = (*LAYERS_AND_LOSSES, *DATA, *LOOP_AND_OPTIMIZERS)
