"""Addresses to places and back, from the same file as the roads."""
