"""Decides and remembers: the rules and use cases of a dispatcher's day."""
