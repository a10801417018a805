"""Pictures <-> what is learned: color spaces, grayscale formulas, palettes, targets. No network knows about color."""
