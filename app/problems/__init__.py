"""The problems panel: a list of all diagnostics, with one-click fixes."""
