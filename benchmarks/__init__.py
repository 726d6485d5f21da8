"""Side by side with peers: ``python3 dev.py bench [stage|solve|learn|start]``."""
