"""What lies where, what is set aside for whom, and where it came from."""
