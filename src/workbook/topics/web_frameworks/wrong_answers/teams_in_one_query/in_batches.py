# rejected by: asks_once_for_all_teams
# A loader with small batches: the number of queries grows with the number of teams.
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


async def answer(query, fetch_members, fetch_teams):
    async def load(ids):
        found = {row["id"]: Team(name=row["name"]) for row in await fetch_teams(ids)}
        return [found.get(id) for id in ids]

    context = {"fetch_members": fetch_members, "teams": DataLoader(load, max_batch_size=2)}
    result = await schema.execute(query, context_value=context)
    return result.data
