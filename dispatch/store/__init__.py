"""Where everything is remembered: database, clock, events, states, migrations."""
