"""
Eighty ways in which a server can fail us, tried on every source.

`listed.py` names them in six groups, each in a file of its own; `server.py` serves them from raw
sockets. A source needs nothing here: its recorded chain (`fixtures/sources/NAME/chain/`) is what a
good server says, and each fault spoils one answer of it. `walking.py` is the process that asks,
`judge.py` says what of what came of it may not be.
"""
