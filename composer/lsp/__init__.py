"""Text editors over the Language Server Protocol: ``check``'s findings while an editor types, completion, hover.

``server`` speaks the protocol, through pygls, an extra; nothing else here knows of it.
"""
