"""How the studio keeps what is written: the file, exchanged and never half-written; a journal; git or versions.

What is kept where, and for how long, is in ``docs/studio.md``.
"""
