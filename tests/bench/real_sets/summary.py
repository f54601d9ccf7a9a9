"""The table of gaps: our score less that of the better of linear model and boosted trees."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.bench.real_sets.catalogue import CATALOGUE
from tests.bench.real_sets.ours import ALONE, JOINT
from tests.bench.real_sets.peers import BASELINE, PEERS
from tests.bench.real_sets.records import Record, Records

SHOWN = [name for name in PEERS if name != BASELINE]
RIVALS = SHOWN[:2]  # scikit-learn's linear models and boosted trees
ERRORS = 2  # standard errors within which we count as equal
BySeed = dict[int, float]


@dataclass(frozen=True)
class Row:
    """What is known about one target: scores by contender and seed, and our cost."""

    name: str
    rows: int
    target: str
    is_class: bool
    scores: dict[str, BySeed]
    wall: float
    cpu: float

    @property
    def rivals(self) -> list[str]:
        return [name for name in RIVALS if name in self.scores and self.common(name)]

    @property
    def rival(self) -> str:
        """The rival with the highest mean score over the seeds that we have, too."""
        return self.best_of(self.rivals)

    def best_of(self, names: Iterable[str]) -> str:
        known = [name for name in names if name in self.scores and self.common(name)]
        return max(known, key=lambda name: statistics.mean(self.common(name).values()))

    def common(self, name: str) -> BySeed:
        return {s: v for s, v in self.scores[name].items() if s in self.scores[JOINT]}

    def mean(self, name: str) -> float:
        values = self.scores.get(name, {}).values()
        return statistics.mean(values) if values else math.nan

    @property
    def gaps(self) -> list[float]:
        return self.gaps_to(self.rival)

    def gaps_to(self, name: str) -> list[float]:
        other = self.scores.get(name, {})
        return [v - other[seed] for seed, v in self.scores[JOINT].items() if seed in other]

    @property
    def gap(self) -> float:
        return statistics.mean(self.gaps)

    @property
    def clipped_gap(self) -> float:
        """The gap if scores below 0, of models worse than a constant, count as 0.

        Source: Grinsztajn et al. 2022, arXiv:2207.08815, who clip R2 in the same way.
        """
        means = {
            name: statistics.mean(max(score, 0.0) for score in self.common(name).values())
            for name in (JOINT, *self.rivals)
        }
        return means[JOINT] - max(means[name] for name in self.rivals)

    @property
    def error(self) -> float:
        return standard_error(self.gaps)


def standard_error(gaps: list[float]) -> float:
    """Return the standard error of a mean gap, NaN for a single seed."""
    return statistics.stdev(gaps) / math.sqrt(len(gaps)) if len(gaps) > 1 else math.nan


def is_level(gaps: list[float]) -> bool:
    """Return whether a mean gap is at most `ERRORS` standard errors below zero."""
    return statistics.mean(gaps) >= -ERRORS * standard_error(gaps)


def table(records: Records, engine: str, names: Iterable[str]) -> str:
    """Return the summary and a row for each target, the largest loss first."""
    wanted = set(names)
    found = [r for r in records.by_key.values() if r["set"] in wanted]
    found = [r for r in found if r["engine"] in (None, engine)]
    rows = sorted(_rows([r for r in found if "error" not in r]), key=lambda row: row.gap)
    failures = [r for r in found if "error" in r]
    failed = {r["set"] for r in failures if r["contender"] == JOINT} - {row.name for row in rows}
    title = f"### Real tables\n\nStarter networks of commit {engine}.\n"
    return "\n".join([title, *_summary(rows, failed), "", *_lines(rows), "", *_failures(failures)])


def _rows(found: list[Record]) -> Iterator[Row]:
    by_set: dict[str, list[Record]] = defaultdict(list)
    for record in found:
        by_set[record["set"]].append(record)
    for name, records in by_set.items():
        own = [record for record in records if record["contender"] == JOINT]
        if not own:
            continue
        wall, cpu = (statistics.median(record[key] for record in own) for key in ("wall", "cpu"))
        for target in CATALOGUE[name].targets:
            scores: dict[str, BySeed] = defaultdict(dict)
            for record in records:
                if target in record["scores"]:
                    score = record["scores"][target]["score"]
                    scores[record["contender"]][record["seed"]] = score
            is_class = target in CATALOGUE[name].classes
            row = Row(name, own[0]["of"], target, is_class, scores, wall, cpu)
            if row.rivals:
                yield row


def _summary(rows: list[Row], failed: set[str]) -> Iterator[str]:
    known = [row for row in rows if len(row.gaps) > 1]
    level = sum(is_level(row.gaps) for row in known)
    yield (
        f"- Within {ERRORS} standard errors of the better of {' and '.join(RIVALS)}, or better: "
        f"{level} of {len(known)} targets with more than one seed; better: "
        f"{sum(row.gap > 0 for row in rows)} of {len(rows)} targets."
    )
    level = sum(is_level(row.gaps_to(row.best_of(SHOWN))) for row in known)
    yield f"- The same for the best of all peers: {level} of {len(known)} targets."
    if failed:
        count = sum(len(CATALOGUE[name].targets) for name in failed)
        named = ", ".join(sorted(failed))
        yield f"- Failed, and in none of these figures: {count} targets of {named}."
    for is_class, unit in ((True, "accuracy"), (False, "R2")):
        of_kind = [row for row in rows if row.is_class == is_class]
        if of_kind:
            gaps = [row.gap for row in of_kind]
            clipped = statistics.mean(row.clipped_gap for row in of_kind)
            note = "" if is_class else f"; mean {clipped:+.4f} if scores below 0 count as 0"
            yield (
                f"- {unit}: mean gap {statistics.mean(gaps):+.4f}, median "
                f"{statistics.median(gaps):+.4f}, of {len(gaps)} targets{note}."
            )
    below = [
        f"{row.name} {row.target}"
        for row in rows
        if row.mean(JOINT) < row.mean(BASELINE) < row.mean("linear")
    ]
    yield f"- Below the baseline where a linear model is above it: {', '.join(below) or 'none'}."
    apart = [gaps for row in rows if (gaps := row.gaps_to(ALONE))]
    if apart:
        level = sum(is_level(gaps) for gaps in apart if len(gaps) > 1)
        means = [statistics.mean(gaps) for gaps in apart]
        yield (
            f"- Joint network less a network for each output: mean {statistics.mean(means):+.4f}, "
            f"median {statistics.median(means):+.4f}, of {len(apart)} outputs; within {ERRORS} "
            f"standard errors or better: {level}."
        )


def _lines(rows: list[Row]) -> Iterator[str]:
    yield (
        "| set | rows | target | score | seeds | gap | standard error | better of two | layerloom "
        "| apart | linear | HistGradientBoosting | LightGBM | CatBoost | baseline | wall, s | "
        "CPU, s |"
    )
    yield "|" + "---|" * 17
    for row in rows:
        means = [_number(row.mean(name)) for name in (JOINT, ALONE, *SHOWN, BASELINE)]
        unit = "accuracy" if row.is_class else "R2"
        yield (
            f"| {row.name} | {row.rows:,} | {row.target} | {unit} | {len(row.gaps)} | "
            f"{row.gap:+.3f} | {_number(row.error)} | {row.rival} | {' | '.join(means)} | "
            f"{row.wall:.1f} | {row.cpu:.1f} |"
        )


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _failures(found: list[Record]) -> Iterator[str]:
    yield f"Failures: {len(found)}"
    for record in found:
        error = " ".join(record["error"].split())
        yield f"- {record['set']}, seed {record['seed']}, {record['contender']}: {error}"
