"""Pictures that arrive in the studio: looked at, kept beside the issue, and put into its text."""
