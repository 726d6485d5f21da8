"""Side by side with peers: ``python3 dev.py bench [stage|dynamics|large|solve|learn|start]``."""
