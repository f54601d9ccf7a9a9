"""Splits into training, validation and test rows: random, stratified, by group, by time."""
