"""Parameters are typed, strict, and say what is wrong with them in a person's words."""

import pytest
from pydantic import Field, PositiveInt

from engine.core.registry import Registry
from engine.core.schema import ParamsError, Schema


class Filter(Schema):
    """Something with fields."""

    size: PositiveInt = Field(description="How large.")
    pair: tuple[int, int] = Field((1, 2), description="Two numbers.")
    rate: float = Field(0.5, ge=0, lt=1, description="A share.")
    loud: bool = Field(False, description="Or not.")


FILTERS: Registry[Filter] = Registry("filter")
FILTERS.register("soft")(Filter)


def only(params):
    found = Filter.try_from_params(params)
    assert len(found) == 1
    return found[0]


def test_json_goes_in_and_the_shortest_json_comes_out():
    assert Filter.from_params({"size": 3, "pair": [1, 2], "rate": 0.5}).params() == {"size": 3}
    assert Filter.from_params({"size": 3, "pair": [4, 2]}).params() == {"size": 3, "pair": [4, 2]}
    assert Filter.from_params({"size": 3, "rate": 0}).rate == 0.0


@pytest.mark.parametrize("params", [None, [1], "size", 3])
def test_params_of_a_named_thing_that_are_no_mapping_are_a_finding(params):
    with pytest.raises(ParamsError) as refused:
        FILTERS.parse({"kind": "filter", "params": params})
    (found,) = refused.value.diagnostics
    assert (found.code, found.expected) == ("param-invalid", 'a mapping, such as {"params": {}}')
    assert found.fixes


@pytest.mark.parametrize(
    ("params", "code", "expected"),
    [
        ({"size": 0}, "param-invalid", "an integer of at least 1"),
        ({"size": True}, "param-invalid", "an integer of at least 1"),
        ({"size": 2.5}, "param-invalid", "an integer of at least 1"),
        ({"size": "3"}, "param-invalid", "an integer of at least 1"),
        ({}, "param-missing", "an integer of at least 1"),
        ({"size": 1, "rate": 1}, "param-invalid", "a number of at least 0 and less than 1"),
        ({"size": 1, "loud": 1}, "param-invalid", "true or false"),
    ],
)
def test_each_bad_value_gives_one_finding_that_says_what_fits(params, code, expected):
    found = only(params)
    assert (found.code, found.expected) == (code, expected)
    assert found.param is not None
    assert found.fixes


def test_an_invalid_item_of_a_list_is_named():
    """Not the whole list, which may be long."""
    found = only({"size": 1, "pair": [3, 0.5]})
    assert (found.message, found.found) == ('"pair" can\'t contain 0.5', "[3, 0.5]")


def test_an_unknown_parameter_is_answered_with_the_nearest_one():
    found = only({"size": 1, "rat": 0.1})
    assert found.code == "param-unknown"
    assert found.fixes[0].edit == {"do": "rename_param", "param": "rat", "to": "rate"}


def test_a_value_with_a_default_can_be_set_back_by_one_click():
    found = only({"size": 1, "pair": [1]})
    assert found.fixes[1].edit == {"do": "set_params", "params": {"pair": [1, 2]}}


def test_a_family_reads_names_mappings_and_instances():
    thing = FILTERS.parse({"kind": "soft", "params": {"size": 2}})
    assert thing == Filter(size=2)
    assert FILTERS.parse(thing) is thing
    assert FILTERS.to_plain_json(thing) == {"kind": "filter", "params": {"size": 2}}


@pytest.mark.parametrize("value", [3, None, {"name": "soft"}, {"kind": "soft", "more": 1}])
def test_a_family_refuses_what_names_nothing(value):
    with pytest.raises(ParamsError):
        FILTERS.parse(value)


def test_a_family_offers_the_nearest_name():
    with pytest.raises(ParamsError) as caught:
        FILTERS.parse("sofft")
    assert caught.value.diagnostics[0].fixes[0].text == 'Use "soft".'
