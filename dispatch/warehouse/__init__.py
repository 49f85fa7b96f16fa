"""The work on the warehouse floor: lists of what to pick, parcels, the check at loading."""
