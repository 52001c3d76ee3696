"""The public pages: joining, leaving and coming back, and the pictures of messages."""

from composer.public.app import INSERTS, READS, UPDATES, app
from composer.public.networks import NetworkLimits, TokenBucket
from composer.public.server import listen, serve, serve_on

__all__ = ["INSERTS", "READS", "UPDATES", "NetworkLimits", "TokenBucket", "app", "listen", "serve", "serve_on"]
