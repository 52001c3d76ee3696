"""Support of HTML and CSS by mail clients, by Can I email's data."""
