"""What docs/performance.md reports: `python -m bench`, or `python -m bench turn` for one table."""
