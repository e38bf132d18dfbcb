"""
A machine that does to Amends whatever a bad week may do, in any order, and looks at every row after.

People speak, edit and tag; places limit, refuse, forget; clocks jump; processes are killed, sleep and
wake, and take over from each other; backups are put back. After every step the store holds what it
ought to, and all time is accounted for; in the end, when things have calmed down, nothing is missing.
"""
