"""SMTP: the wire, one session with a relay, replies and what they mean. Knows no database."""
