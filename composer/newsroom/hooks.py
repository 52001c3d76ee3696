"""Doors at which the operators of relays report bounces and complaints: off until the newsroom opens them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from composer.locale import gettext as _
from composer.newsroom.strict import Strict

#: An operator of relays with reports that are understood (docs/returns.md).
RelayProvider = Literal["ses", "mailgun", "brevo", "postmark"]

#: arn:partition:service:region:account:topic; the region is part of a host's name.
_ARN = re.compile(r"arn:aws:sns:([a-z]{2,3}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}):[0-9]{12}:[A-Za-z0-9_-]{1,256}")


def _topic(value: str) -> str:
    if _ARN.fullmatch(value) is None:
        why = _("the ARN of a topic is expected here: arn:aws:sns:eu-west-3:123456789012:bounces")
        raise PydanticCustomError("bad-topic", "{why}", {"why": why})
    return value


#: The name of a topic of Amazon SNS.
TopicArn = Annotated[str, AfterValidator(_topic)]


def topic_region(topic: str) -> str:
    """The region in a ``TopicArn``."""
    match = _ARN.fullmatch(topic)
    assert match is not None
    return match[1]


class Hooks(Strict):
    """Which doors are open. ``providers`` stands before ``topics``: the check of the second one looks at the first."""

    french_keys: ClassVar[Mapping[str, str]] = {"providers": "operateurs", "topics": "sujets", "turn": "tour"}

    providers: tuple[RelayProvider, ...] = Field(
        (), description="Operators of relays that may report here: ses, mailgun, brevo, postmark"
    )
    topics: tuple[TopicArn, ...] = Field(
        (),
        validate_default=True,
        description="ses: topics of Amazon SNS whose messages are believed; those of any other are not",
    )
    turn: int = Field(
        1, ge=1, le=999, description="Another number makes other addresses, where one got into wrong hands"
    )

    @field_validator("topics")
    @classmethod
    def _topic_of_ses(cls, topics: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "ses" in info.data.get("providers", ()) and not topics:
            why = _("ses reports through a topic of Amazon SNS: give its ARN in topics, or any topic could report here")
            raise PydanticCustomError("topic-missing", "{why}", {"why": why})
        return topics
