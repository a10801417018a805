"""From an input to feature maps at several strides: one encoder a file."""
