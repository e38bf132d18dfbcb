"""Tests of what people were told otherwise, and of what fails for them."""
