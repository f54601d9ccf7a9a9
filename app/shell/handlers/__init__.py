"""The functions that actions call, registered under the ids of the action table."""
