"""How good colors are, measured on 8-bit sRGB pictures."""
