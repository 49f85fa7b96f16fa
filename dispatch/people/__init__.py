"""Who works with the system, what each may do, and how each proves who it is."""
