"""What operators of relays report over HTTPS: bounces and complaints, posted to the readers' pages.

The pages know the digest of each door's secret and nothing else (``doors``): they add the body as a row (``posts``).
The daemon takes it out (``receiving``), believes it or not (``sns``, ``mailgun``), reads it (``reports``), and judges
it by the far host's words, and where these are mute by the operator's (``vocabulary``). A report acts as a message
does: by a token of ours with a right MAC, once a delivery and kind.

To add an operator: its name in ``composer.newsroom.hooks``, its header in ``composer.message.provider_tags``, its
reader in ``reports``, its rows in ``vocabulary.toml``, and its section in docs/returns.md.
"""
