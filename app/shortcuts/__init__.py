"""Which keys and which moves of the mouse do what: to be looked up, and to be changed."""
