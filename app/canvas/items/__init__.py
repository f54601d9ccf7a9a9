"""Graphics items: nodes, ports, wires, frames, and the details that are drawn at each zoom."""
