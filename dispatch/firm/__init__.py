"""A made-up firm in a database, as large and as busy as a real one: for the demo and for tests."""
