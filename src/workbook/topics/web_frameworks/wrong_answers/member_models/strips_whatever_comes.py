# rejected by: refuses_what_is_wrong
# A validator that runs before the type is known: a number has no strip(), and the client gets 500 for its mistake.
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Clean = BeforeValidator(lambda v: v.strip())


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: Annotated[
        str,
        Clean,
        BeforeValidator(lambda v: v.strip().lower()),
        Field(pattern=r"^[^@\s]+@[^@\s]+$"),
    ]
    name: Annotated[str, Clean, Field(min_length=1, max_length=50)]


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    email: str
    name: str


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
