"""Columns of a port to arrays: fitted encoders, target masks, sample and class weights."""
