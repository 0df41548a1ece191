# rejected by: forgets_between_requests
# A loader at module level lives as long as the process, and so does all that it has ever loaded.
import strawberry
from strawberry.dataloader import DataLoader


@strawberry.type
class Team:
    name: str


@strawberry.type
class Member:
    name: str
    team_id: strawberry.Private[int]

    @strawberry.field
    async def team(self, info: strawberry.Info) -> Team | None:
        return await info.context["teams"].load(self.team_id)


@strawberry.type
class Query:
    @strawberry.field
    async def members(self, info: strawberry.Info) -> list[Member]:
        return [Member(**row) for row in await info.context["fetch_members"]()]


schema = strawberry.Schema(Query)


loader = None


async def answer(query, fetch_members, fetch_teams):
    global loader

    async def load(ids):
        found = {row["id"]: Team(name=row["name"]) for row in await fetch_teams(ids)}
        return [found.get(id) for id in ids]

    cache = loader.cache_map if loader else None
    loader = DataLoader(load, cache_map=cache)
    context = {"fetch_members": fetch_members, "teams": loader}
    result = await schema.execute(query, context_value=context)
    return result.data
