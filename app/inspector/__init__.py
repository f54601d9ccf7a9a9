"""The selected node as a form."""
