"""A whole graph as plain lists, the same for the same graph on either server, whatever ids the server gave."""

from __future__ import annotations

from typing import Any

from user_intel.graph.connection import Graph

_PARTS = {
    "users": "MATCH (u:User) RETURN properties(u) AS u",
    "sessions": "MATCH (u:User)-[:HAD]->(s:Session) RETURN u.user_id AS u, properties(s) AS s",
    "visits": "MATCH (s:Session)-[:FIRST]->(h:Event) MATCH way = (h)-[:NEXT*0..]->(e:Event) MATCH (e)-[:AT]->(p:Step) "
    "RETURN s.session_id AS s, length(way) AS place, properties(e) AS e, p.name AS p",
    "steps": "MATCH (p:Step) RETURN properties(p) AS p",
    "step_days": "MATCH (p:Step)-[:ON]->(d:StepDay) RETURN p.name AS p, properties(d) AS d",
    "transitions": "MATCH (a:StepDay)-[t:TRANSITION]->(b:StepDay) RETURN a.key AS a, b.key AS b, properties(t) AS t",
    "flows": "MATCH (a:Step)-[f:FLOW]->(b:Step) RETURN a.name AS a, b.name AS b, properties(f) AS f",
    "days": "MATCH (d:Day) RETURN properties(d) AS d",
    "pain_points": "MATCH (p:PainPoint)-[s:SEEN]->(d:Day) RETURN properties(p) AS p, properties(s) AS s, d.day AS d",
    "concerns": "MATCH (p:PainPoint)-[c:CONCERNS]->(s:Step) "
    "RETURN p.pain_point_id AS p, properties(c) AS c, s.name AS s",
    "hits": "MATCH (s:Session)-[:HIT]->(p:PainPoint) RETURN s.session_id AS s, p.pain_point_id AS p",
    "insights": "MATCH (i:Insight)-[a:ABOUT]->(p:PainPoint) "
    "RETURN i.insight_id AS i, properties(a) AS a, p.pain_point_id AS p",
    # What is in none of these would show here.
    "nodes": "MATCH (n) RETURN labels(n) AS labels, count(*) AS nodes",
    "relationships": "MATCH ()-[r]->() RETURN type(r) AS type, count(*) AS relationships",
}


def exported(graph: Graph) -> dict[str, list[str]]:
    """By part, what there is of it, in an order of its own."""
    return {
        part: sorted(str(_plain(row)) for row in graph.read(question) if row.get("labels") != ["Writer"])
        for part, question in _PARTS.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in sorted(value.items())}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
