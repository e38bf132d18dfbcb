"""The words of the house, and where they are kept."""
