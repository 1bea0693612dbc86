"""The exchange: bring the rows of one key together, with DuckDB or on Spark."""
