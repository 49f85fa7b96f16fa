"""Other systems, told of what happens and heard in turn, by signed webhooks."""
