"""Other people's forms of games: one file per format or library, found by name in the registry."""
