"""Names become relations of the session: tables, views, mounted catalogs, schema diagnostics."""
