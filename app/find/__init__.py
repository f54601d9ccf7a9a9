"""Looks for nodes on the canvas: by name, kind, parameter, or what is wrong with them."""
