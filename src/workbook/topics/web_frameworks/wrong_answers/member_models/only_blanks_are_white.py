# rejected by: refuses_what_is_wrong
# A tab and a line break are white space too.
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@ ]+@[^@ ]+$")]
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
