"""What lies where: URLs, listings, hive partitions and Parquet footers. No engine is needed."""
