"""Who brings it, with what, and when: vehicles, drivers, shifts, zones, waves."""
