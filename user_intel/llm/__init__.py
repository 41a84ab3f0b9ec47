"""Language models: asked through their makers' SDKs, within a budget, never twice for the same."""
