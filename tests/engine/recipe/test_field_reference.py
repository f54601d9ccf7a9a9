"""Every field of a file has a description, and is found by its name."""

import pytest

from engine.core.field_text import field_texts
from engine.layers.catalogue import layer_classes
from engine.objectives.loss import LOSSES
from engine.objectives.metric import METRICS
from engine.recipe.encoding import ENCODINGS
from engine.recipe.field_reference import find_fields, find_sections, sections, unknown_field
from engine.recipe.recipe import NESTED_FIELDS, REGISTRY_FIELDS
from engine.recipe.split import SPLITS
from tests.tiers import noted


def test_each_field_of_a_file_has_a_description_and_values():
    schemas = {section.schema for section in sections()} | set(layer_classes().values())
    for cls in schemas:
        for name, text in field_texts(cls).items():
            with noted((cls.kind(), name)):
                assert text.description.endswith(".")
                assert text.accepts
                assert f"Default: {text.default}." in str(text)


def test_all_types_and_objects_that_a_file_may_hold_are_sections():
    families = (ENCODINGS, SPLITS, LOSSES, METRICS, *REGISTRY_FIELDS.values())
    known = {section.schema for section in sections()}
    assert known >= {family[kind] for family in families for kind in family}
    assert known >= set(NESTED_FIELDS.values())


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("number", ["number"]),
        ("adam", ["Adam"]),
        ("MeanSquaredError", ["mse"]),
        ("recipe.balance", ["uncertainty", "gradnorm"]),
        ("recipe.stopping", [""]),
        ("data.inputs", [""]),
    ],
)
def test_sections_are_found_by_type_class_and_path(name, titles):
    assert [section.kind for section in find_sections(name)] == titles


def test_fields_are_found_by_name_and_path():
    found = {(section.kind, field) for section, field in find_fields("patience")}
    assert found == {("ReduceLROnPlateau", "patience"), ("", "patience")}
    assert [field for _, field in find_fields("data.targets.NAME.encode")] == ["encode"]


def test_other_names_get_the_right_hint():
    assert unknown_field("patiense").fixes[0].text == "Use patience."
    assert unknown_field("nonsense").fixes[0].text == "List them all with: engine fields"
