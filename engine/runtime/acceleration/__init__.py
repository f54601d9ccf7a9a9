"""What makes training fast: each trick in a file of its own, with its reason and its source.

None of them changes a number beyond rounding, and each has a test that says so.
"""
