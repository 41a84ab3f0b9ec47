"""A load in a process of its own, to be killed: `python -m user_intel_tests.graph.loads_days LAKE GRAPH URI DAY...`.

LAKE and GRAPH are homes; URI is Neo4j's, or empty for the embedded server. Small batches, so that there are many
moments between them. Says when it begins.
"""

import sys
from datetime import date
from pathlib import Path

from user_intel.graph import day_rows
from user_intel.graph.connection import open_graph
from user_intel.graph.loading import load_days
from user_intel.lake import Lake
from user_intel.settings import Settings
from user_intel.tables import catalogue
from user_intel_tests.graph.wandering import PRODUCT
from user_intel_tests.neo4j_server import PASSWORD

if __name__ == "__main__":
    lake_home, graph_home, uri, *days = sys.argv[1:]
    day_rows.BATCH = 25
    chosen = {"NEO4J_URI": uri, "NEO4J_USER": "neo4j", "NEO4J_PASSWORD": PASSWORD} if uri else {}
    settings = Settings(USER_INTEL_HOME=Path(graph_home), _env_file=None, **chosen)  # type: ignore[arg-type]
    with open_graph(settings) as graph:
        print("begins", flush=True)
        load_days(Lake(Path(lake_home), catalogue(PRODUCT)), PRODUCT, graph, [date.fromisoformat(day) for day in days])
