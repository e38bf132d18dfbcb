"""The kinds of places posts come from, one file or folder each."""
