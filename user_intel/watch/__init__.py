"""Recordings turned into evidence: read, masked, drawn into video, watched, and linked to pain points.

The way of a recording: `recording.py` reads a file of rrweb events into time order; `masking.py` hides personal data in
the events, before a pixel is drawn; `rendering.py` draws what is left in a browser without a network and encodes it.
`clock.py` says which second of a video shows which second of the session. What a session's events themselves say about
hesitation or confusion reads the same types, and needs no video.
"""
