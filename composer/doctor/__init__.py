"""What a mailbox provider would see of this newsroom, looked up before it does: the DNS of the sending domain, the
relay's addresses, the readers' pages, what the last mailing said of itself.

``publications`` and ``addresses`` find faults in the DNS, ``terms`` says which provider does what about each,
``examining`` runs all of it within its deadlines. The commands' side is ``composer.daemon.doctor``.
"""
