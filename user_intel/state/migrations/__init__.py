"""How the state's tables came to be, step by step; run by `user_intel/state/migrating.py`.

A new step is a file `versions/v<number>_<what_it_does>.py` with the number before it as `down_revision`, written by
hand: it works on SQLite and PostgreSQL, both ways, and never imports the models, which go on changing.
"""
