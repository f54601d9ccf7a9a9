"""Transforms the columns of a port to arrays, with target masks, sample and class weights."""
