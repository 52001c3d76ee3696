"""The newsroom: configuration, people, sponsors, lexicon."""
