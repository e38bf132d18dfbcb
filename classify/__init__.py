"""How posts get tags: labels, examples, features and the classifier. It never meets `ingest`."""
