"""The layers there are, to be searched and dragged onto the canvas."""
