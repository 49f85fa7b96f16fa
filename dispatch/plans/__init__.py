"""Plans as dispatchers work on them: versions, edits, searches in the background, publishing."""
