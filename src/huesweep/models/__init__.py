"""Encoders, decoders and the network that joins them. Nothing here knows color, Lightning or Hydra."""
