"""user_intel: what users do in a product, turned into what the team should do next."""
