"""What to draw under a plan, from the same file as the roads."""
