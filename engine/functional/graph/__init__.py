"""Symbolic tensors to graphs and back: traces, replays, node names, subgraphs."""
