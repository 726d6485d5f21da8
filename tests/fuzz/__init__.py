"""Input from strangers: every reader with damaged files, by hypothesis always, by coverage where atheris is installed."""
