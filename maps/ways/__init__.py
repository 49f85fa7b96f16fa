"""Between points: nearest roads, fastest ways, matrices."""
