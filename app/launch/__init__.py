"""Dialogs for training elsewhere: job files for clusters, and another machine over ssh."""
