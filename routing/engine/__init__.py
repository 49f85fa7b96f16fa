"""Our own engine: ruin and recreate over arrays, compiled."""
