"""
Scoring archives that are larger than a machine: folders of posts in, Parquet by day and label out.

The archive is cut into pieces of bounded size (`pieces`). Each piece is read (`posts`), scored and
written whole or not at all (`score`, `parts`), by workers of Dask (`crew`). What is done is noted
beside the output (`keep`), so a run that is cut short goes on where it stopped.
"""
