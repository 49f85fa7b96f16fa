"""From the tables of a day and a map to a planned day."""
