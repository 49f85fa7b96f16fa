"""The way in over HTTP: reads a request, opens a transaction, calls one use case, shows the row."""
