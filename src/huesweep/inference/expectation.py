"""What to expect of a checkpoint, in words for those who have photos and not for those who train networks."""

from huesweep.colorizer.colorizer import Colorizer

PATCH = 64  # pixels of a side: networks that saw smaller pictures alone have seen parts of things, or things as icons


def purpose(colorizer: Colorizer) -> str:
    """What a network is good for, in a line."""
    if colorizer.task.enlarges > 1:
        return "Enlarges pictures, and colors none."
    ways = "several ways to choose from" if colorizer.target.decodings else "one way"
    bold = ", in bold colors" if colorizer.description.get("loss") == "rebalanced" else ""
    return f"Colors a photo in {ways}{bold}. {warning(colorizer) or 'Made for whole photos.'}"


def warning(colorizer: Colorizer) -> str:
    """What a network can't do that was trained on little pictures alone; nothing for one that was made for photos."""
    side = colorizer.trained_side
    if side >= PATCH or colorizer.task.enlarges > 1:
        return ""
    return f"Trained on pictures of {side} × {side} pixels: expect patches of color, not skies and faces told apart."
