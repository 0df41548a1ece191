# rejected by: answers_the_query
# Looks for the word team in the text of the query, where it may stand for anything.
import strawberry


@strawberry.type
class Team:
    name: str


@strawberry.type
class Member:
    name: str
    team_id: strawberry.Private[int]

    @strawberry.field
    def team(self, info: strawberry.Info) -> Team | None:
        return info.context["teams"].get(self.team_id)


@strawberry.type
class Query:
    @strawberry.field
    async def members(self, info: strawberry.Info) -> list[Member]:
        rows = await info.context["fetch_members"]()
        if "team" in info.context["query"]:
            found = await info.context["fetch_teams"]({r["team_id"] for r in rows})
            info.context["teams"] = {r["id"]: Team(name=r["name"]) for r in found}
        return [Member(**row) for row in rows]


schema = strawberry.Schema(Query)


async def answer(query, fetch_members, fetch_teams):
    context = {"fetch_members": fetch_members, "fetch_teams": fetch_teams, "query": query}
    return (await schema.execute(query, context_value=context)).data
