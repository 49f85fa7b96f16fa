"""The steps from an empty database to this version's tables, run by `dispatch.store.schema`."""
