"""What every layer leans on and no game theory: compiling, streams, files, errors, progress."""
