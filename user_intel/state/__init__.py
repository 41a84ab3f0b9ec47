"""What people decided: statuses, feedback, tickets, the roadmap, and who did what when. `open_state` is the door."""

from user_intel.state.connection import open_state

__all__ = ["open_state"]
