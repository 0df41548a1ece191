# rejected by: cleans_up_what_it_takes
# A setting of the model holds for all its fields, for names too.
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, str_to_lower=True)

    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
