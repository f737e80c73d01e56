"""One module for each question about a schema, a plan or a session."""
