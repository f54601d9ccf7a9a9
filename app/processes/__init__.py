"""The engine as processes of their own: how they are started, followed and understood."""
