"""Changes of an issue's file that are made from the letter: one text, element or block; every other byte stays.

Nothing here writes a file, or reads one: a function gets what was read, and returns the new text as a ``Revision``.
"""
