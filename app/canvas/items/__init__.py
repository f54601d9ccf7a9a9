"""Graphics items: nodes, ports, wires, frames, and what they show at each zoom."""
