"""What the history of an installation says about itself."""
