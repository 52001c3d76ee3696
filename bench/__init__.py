"""What things cost. Each module prints a table and writes bench/out/<name>.json; nothing here passes or fails."""
