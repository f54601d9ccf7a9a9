"""Transforms the columns of a port to arrays; creates target masks, sample and class weights."""
