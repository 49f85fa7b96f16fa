"""
Other engines on our problems, to measure our own against them; never part of planning.

Each module says one engine's model of a problem, in that engine's best setting for the cores it
is given, and imports the engine's package, which is an optional extra: import a module only when
its package is installed.
"""
