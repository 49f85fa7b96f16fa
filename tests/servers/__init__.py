"""Real servers for tests, from wheels: started once per process of pytest, on their own sockets."""
