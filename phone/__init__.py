"""A telephone line on your desk: plays the carrier's part, from the caller's keys to signed webhooks and recordings."""
