"""What a model that watched a clip must answer. Seconds are of the video."""

from pydantic import BaseModel, Field

from user_intel.watch.findings import FindingKind


class SeenFinding(BaseModel):
    """One thing seen."""

    kind: FindingKind
    from_s: float = Field(ge=0, description="Second of the video at which it begins.")
    to_s: float = Field(ge=0, description="Second of the video at which it ends.")
    what_was_seen: str = Field(max_length=400)
    suggestion: str = Field(max_length=300)
    confidence: float = Field(ge=0, le=1)
    clicks: int = Field(ge=0, description="Clicks it is about; 0 when it is not about clicks.")


class VideoAnswer(BaseModel):
    """All that was seen in a clip; `inconclusive` when it shows nothing that helps."""

    findings: list[SeenFinding]
    inconclusive: bool
