"""`user-intel replay render`: a recording at hand as a masked video."""

from dataclasses import dataclass
from pathlib import Path

from user_intel.errors import InputError
from user_intel.product import Masking, load_product
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT, progress
from user_intel.watch.recording import Recording, open_recording
from user_intel.watch.rendering import Clip, Shot, around, clock_words, open_renderer, overview
from user_intel.watch.selectors import parse


@dataclass(frozen=True)
class Asked:
    """What was asked for: the session fast, or its moment at a second; what is masked beside the product's own."""

    at_s: float | None
    text: str | None
    selectors: list[str]
    block: list[str]
    partial: bool


def run_render(source: Path, out: Path, asked: Asked) -> None:
    """Renders `source` to `out` and says what it shows, and what was wrong with the recording."""
    if out.suffix != ".mp4":
        raise InputError(f"{out} must end with .mp4: that is what is written.")
    if not out.resolve().parent.is_dir():
        raise InputError(f"{out.parent} is no folder; make it first.")
    product = load_product(settings().home)
    mask = _mask(product.watch.mask, asked)
    with open_recording(source, product.watch, partial=asked.partial) as recording:
        for flaw in recording.flaws.words():
            ERR.print(f"{source.name}: {flaw}", highlight=False)
        shot = (
            overview(recording, product.watch) if asked.at_s is None else around(recording, asked.at_s, product.watch)
        )
        with progress() as bar, open_renderer(settings(), product) as renderer:
            task = bar.add_task(f"Rendering {source.name}", total=None)
            clip = renderer.render(
                recording, shot, out, mask=mask, progress=lambda done, of: bar.update(task, completed=done, total=of)
            )
        _say(recording, shot, clip, mask)


def _mask(configured: Masking, asked: Asked) -> Masking:
    """The product's masking with what was asked for on top; never with less than its selectors."""
    changed: dict[str, object] = {
        "selectors": [*configured.selectors, *asked.selectors], "block": [*configured.block, *asked.block]
    }  # fmt: skip
    for selector in (*asked.selectors, *asked.block):
        try:
            parse(selector)
        except ValueError as error:
            raise InputError(f"--selector, --block: {error}.") from None
    return Masking.model_validate({**configured.model_dump(), **changed, "text": asked.text or configured.text})


def _say(recording: Recording, shot: Shot, clip: Clip, mask: Masking) -> None:
    skipped = sum(piece.skipped for piece in clip.clock.pieces)
    OUT.print(
        f"{clip.path}: session {clock_words(shot.shown.from_s)} to {clock_words(shot.shown.to_s)} at {clip.speed:g}x, "
        f"{clip.clock.video_s:.1f} s of video, {clip.size_bytes / 1e6:.1f} MB",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    OUT.print(
        f"{len(recording):,} events, {len(recording.windows)} window(s), {recording.active_s:.0f} of "
        f"{recording.duration_s:.0f} s active, {skipped} idle stretch(es) skipped; text masked: {mask.text}; "
        f"rendered in {clip.render_s:.1f} s, {clip.times_faster:.0f} times faster than the session",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
