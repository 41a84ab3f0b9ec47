"""Graph: the journeys of a day in a graph database, ready-made questions to it, and how much each step matters."""
