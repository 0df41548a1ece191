# rejected by: answers_the_query
# Looks ahead at the fields that were selected, and does not expect them in a fragment.
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
        asked = [f.name for s in info.selected_fields for f in s.selections]
        if "team" in asked:
            found = await info.context["fetch_teams"]({r["team_id"] for r in rows})
            info.context["teams"] = {r["id"]: Team(name=r["name"]) for r in found}
        return [Member(**row) for row in rows]


schema = strawberry.Schema(Query)


async def answer(query, fetch_members, fetch_teams):
    context = {"fetch_members": fetch_members, "fetch_teams": fetch_teams, "teams": {}}
    return (await schema.execute(query, context_value=context)).data
