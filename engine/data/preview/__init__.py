"""What a graph's ports would receive from a table, and what a trained run accepts as a row."""
