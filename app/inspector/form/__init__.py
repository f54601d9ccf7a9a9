"""A form made from a layer's fields."""
