"""The lessons: percent scripts, each paired with the notebook that it was executed into."""
