"""Explain: problems, personas and days in words that people act on, every number of them proven."""
