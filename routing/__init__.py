"""From a routing problem to a plan: model, engines, and an independent judge."""
