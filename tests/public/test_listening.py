"""The address that the pages listen on, as an operator types it."""

from __future__ import annotations

import pytest

from composer.errors import OutsideWorld
from composer.locale import use
from composer.public.server import listen


@pytest.mark.parametrize("host", ["x" * 80, "a..b", "é\u202e", "nobody.invalid"])
def test_what_is_no_host_is_told(host: str) -> None:
    use("en")
    with pytest.raises(OutsideWorld, match="there is no host of that name"):
        listen(host, 0)
