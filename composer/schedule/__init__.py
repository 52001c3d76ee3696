"""The hour."""
