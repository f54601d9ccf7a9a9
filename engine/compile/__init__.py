"""A checked graph as ordered steps, and as readable source. No torch."""
