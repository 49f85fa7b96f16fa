"""What customers want: orders from placing to a delivery that can be planned."""
