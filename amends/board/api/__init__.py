"""The JSON API: the same views as the pages, for programs."""
