"""``python -m gametheory_rl`` is the command ``gametheory-rl``."""

from gametheory_rl.cli import main

if __name__ == "__main__":
    main()
