"""The newsroom: configuration, people, sponsors, lexicon."""

from composer.newsroom.load import examine, load_newsroom
from composer.newsroom.model import Lexicon, Newsroom, Publication, Settings, Sponsor, Style

__all__ = ["Lexicon", "Newsroom", "Publication", "Settings", "Sponsor", "Style", "examine", "load_newsroom"]
