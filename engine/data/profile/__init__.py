"""Column statistics: type, distribution, missing values and examples of each column of a table."""
