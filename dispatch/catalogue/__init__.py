"""What a firm works with from day to day: depots, parts, customers and their repair points."""
