"""Side by side with peers: ``python3 dev.py bench [stage|large|solve|learn|start]``."""
