"""Parts of the window and the engine, measured one by one with peers that do the same work."""
