"""One file for each kind of step: its shape in YAML, how it asks, and how it hears an answer."""
