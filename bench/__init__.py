"""What things cost: each module prints a table and writes bench/out/<name>.json, and passes or fails nothing.

Beside them, what the checkout itself is made or measured with: gallery, grammar, house, mutants, release.
"""
