"""Drafts that come in: a writer's document, or what was pasted, becomes blocks of an issue, and no word is lost."""
