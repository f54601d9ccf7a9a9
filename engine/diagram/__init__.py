"""Layout, captions, colors and SVG drawing of graphs, independent of a GUI toolkit."""
