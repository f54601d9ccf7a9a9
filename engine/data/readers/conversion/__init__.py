"""Conversion of files that no reader reads: zip files, JSON arrays, workbooks, sparse matrices."""
