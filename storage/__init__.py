"""What we keep: rows, recordings, and the queue of what is still to do."""
