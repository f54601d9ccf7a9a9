"""What a form knows of fields, and how values are typed."""

import pytest

from app.inspector.editors.value_parser import (
    ValueParseError,
    format_numbers,
    is_same_json,
    parse_numbers,
)
from app.inspector.fields.schema_fields import FormField, form_fields
from engine.layers.catalogue import layer_classes
from engine.recipe.recipe import Recipe


def _field(kind: str, name: str) -> FormField:
    return next(field for field in form_fields(layer_classes()[kind]) if field.name == name)


def test_every_field_has_a_way_and_a_help():
    """Each field of each kind can be edited, and says what it is for."""
    for cls in (*layer_classes().values(), Recipe):
        for field in form_fields(cls):
            assert field.help, (cls, field.name)
            assert field.label[0].isupper()
            assert "_" not in field.label
            assert "null" not in field.help.split(), "the form calls it none or None"
            assert field.editor != "json", (cls, field.name)


@pytest.mark.parametrize(
    ("kind", "name", "text", "value"),
    [
        ("Input", "shape", "free, 64", [None, 64]),
        ("Input", "shape", "? 64", [None, 64]),
        ("Input", "shape", "None", [None]),
        ("Input", "shape", "28 x 28 x 1", [28, 28, 1]),
        ("Input", "shape", "28×28×1", [28, 28, 1]),
        ("Input", "shape", "[28, 28]", [28, 28]),
        ("Input", "shape", "10", [10]),
        ("Input", "shape", "scalar", []),
        ("Conv2D", "kernel_size", "3", 3),
        ("Conv2D", "kernel_size", "3 x 5", [3, 5]),
        ("Conv2D", "kernel_size", "3,5", [3, 5]),
        ("MaxPooling2D", "strides", "", None),
        ("Reshape", "target_shape", "6, -1", [6, -1]),
        ("LayerNormalization", "axis", "-1", -1),
        ("RandomRotation", "factor", "0.1", 0.1),
        ("RandomRotation", "factor", "0,1", 0.1),
        ("RandomRotation", "factor", "-0.1, 0.2", [-0.1, 0.2]),
        ("RandomRotation", "factor", "-0.1,0.2", [-0.1, 0.2]),
        ("RandomRotation", "factor", "-0,1; 0,2", [-0.1, 0.2]),
        ("RandomRotation", "factor", "-1e-2 1", [-0.01, 1.0]),
        ("RandomZoom", "width_factor", "", None),
        ("RandomContrast", "value_range", "0, 255", [0.0, 255.0]),
    ],
)
def test_lists_of_sizes_are_typed_as_people_write_them(kind, name, text, value):
    """Commas, spaces, x and brackets all do; free, None and ? stand for a dynamic axis."""
    field = _field(kind, name)
    read = parse_numbers(field, text)
    assert is_same_json(read, value)
    if value is not None:
        assert is_same_json(parse_numbers(field, format_numbers(read)), value)


@pytest.mark.parametrize("text", ["", "three", "3.5", "3 by 4"])
def test_what_is_no_size_is_refused_with_an_example(text):
    """The refusal says how it is typed."""
    with pytest.raises(ValueParseError, match="such as 3"):
        parse_numbers(_field("Conv2D", "kernel_size"), text)


@pytest.mark.parametrize("text", ["", "much", "1e999", "0.1 to 0.2"])
def test_what_is_no_fraction_is_refused_with_an_example(text):
    """Fractions alone or in pairs, never infinity."""
    with pytest.raises(ValueParseError, match="such as 0.1, or two: -0.1, 0.2"):
        parse_numbers(_field("RandomRotation", "factor"), text)


def test_equal_numbers_of_another_form_are_not_the_same():
    """A file tells 1, 1.0 and true apart, and so does the form."""
    assert not is_same_json(1, 1.0)
    assert not is_same_json(1, True)
    assert is_same_json({"a": 1, "b": 2}, {"b": 2, "a": 1})
