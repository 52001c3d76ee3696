"""What mail clients support, by Can I email's data."""
