"""What each command of `user-intel` does on a terminal. The commands themselves are declared in `cli.py`."""
