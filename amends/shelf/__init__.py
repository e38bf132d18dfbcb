"""
The shelf: past incidents side by side, so that “3 or 5 per cent?” has a precedent.

Three kinds stand on it: closed incidents of this home, measured from what was heard; those a home brought in
from a file; and the public record, which is facts others wrote down and nothing measured here.
"""
