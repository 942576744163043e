"""Networks, one a file. Only tensors go in and out."""

from edgestyle.models.renderer import Renderer, RendererConfig

MODELS = {"renderer": (Renderer, RendererConfig)}
