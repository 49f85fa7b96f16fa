"""The road network: what a file says of roads, and what each costs a vehicle at an hour."""
