"""From feature maps back to full resolution: one decoder a file."""
