"""The board, from outside."""
