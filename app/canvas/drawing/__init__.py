"""Pens, painting helpers and the one import of NodeGraphQt."""
