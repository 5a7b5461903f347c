"""A stand-in for Amazon Redshift: PostgreSQL behind a server that has Redshift's limits. See README.md."""
