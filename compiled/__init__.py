"""Compiled loops of every package: how their machine code is kept on disk."""
