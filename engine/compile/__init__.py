"""Compilation of a checked graph to a plan of steps and to source code. Works without torch."""
