"""From an OpenStreetMap file to times, distances, paths, addresses and drawings."""
