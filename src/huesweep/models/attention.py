"""Self-attention on feature maps."""

from torch import Tensor, nn

from huesweep.errors import UsageError


class SelfAttention(nn.Module):
    """Every position looks at every other one, and adds what it finds (Vaswani et al. 2017; on maps, Wang et al. 2018).

    heads: must divide the channels. The last projection starts at zero, so that the layer starts as the identity.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        if channels % heads:
            raise UsageError(f"model.heads={heads} must divide the {channels} channels of the map that it attends to")
        self.heads = heads
        self.norm = nn.GroupNorm(1, channels)
        self.queries_keys_values = nn.Conv2d(channels, 3 * channels, 1)
        self.projection = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.projection.weight)
        nn.init.zeros_(self.projection.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        count, channels, height, width = x.shape
        split = self.queries_keys_values(self.norm(x)).reshape(count, 3, self.heads, channels // self.heads, -1)
        queries, keys, values = (part.transpose(-1, -2) for part in split.unbind(1))
        found = nn.functional.scaled_dot_product_attention(queries, keys, values)
        return x + self.projection(found.transpose(-1, -2).reshape(count, channels, height, width))
