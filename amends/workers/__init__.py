"""
Workers: on PostgreSQL the work of rounds is done as jobs, by any number of processes on any number of machines.

Jobs stand in procrastinate's line. They are thin: each calls what `amends run` calls.
"""
