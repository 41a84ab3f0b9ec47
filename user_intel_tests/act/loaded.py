"""What a process that runs a day needs, loaded once in the fork server."""

import atlassian
import atlassian.jira  # noqa: F401
import polars as pl
import requests  # noqa: F401
import sqlalchemy.orm  # noqa: F401

import user_intel.act.run
import user_intel.state.store
import user_intel_tests.detect.hand_made  # noqa: F401

__all__ = ["pl", "user_intel"]
