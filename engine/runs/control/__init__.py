"""Requests to a live run, and the settings that can change while it runs."""
