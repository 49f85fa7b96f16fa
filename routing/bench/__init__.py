"""
Our search and its peers side by side: the same problems, cores and seconds, the same judge.

Every run is a child process of its own, so that an engine which crashes, hangs or eats memory
loses only its row.
"""
