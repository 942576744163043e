"""Networks, one a file. Only tensors go in and out."""

from collections.abc import Callable
from typing import Any

from edgestyle.models.colour import ColourConfig, ColourRenderer
from edgestyle.models.encoder import Encoder, EncoderConfig
from edgestyle.models.inversion import InversionConfig, InversionEncoder
from edgestyle.models.mapping import Mapping
from edgestyle.models.mapping_config import MappingConfig, build_mapping
from edgestyle.models.mobile_stylegan import MobileConfig, MobileGenerator
from edgestyle.models.renderer import Renderer, RendererConfig
from edgestyle.models.texture_encoder import TextureEncoder, TextureEncoderConfig

AnyRenderer = Renderer | ColourRenderer  # both have a `config`, `forward` and `residual` of the same arguments
AnyEncoder = Encoder | TextureEncoder  # both have a `config` and take `[N,3,256,256]`

# what a component of a pack may be: its "model" -> the network, and its configuration
RENDERERS: dict[str, tuple[Callable[[Any], AnyRenderer], Callable[..., Any]]] = {
    "renderer": (Renderer, RendererConfig),
    "colour": (ColourRenderer, ColourConfig),
}
ENCODERS: dict[str, tuple[Callable[[Any], AnyEncoder], Callable[..., Any]]] = {
    "encoder": (Encoder, EncoderConfig),
    "texture-encoder": (TextureEncoder, TextureEncoderConfig),
}
GENERATORS: dict[str, tuple[Callable[[Any], MobileGenerator], Callable[..., Any]]] = {
    "mobile-stylegan": (MobileGenerator, MobileConfig)
}
MAPPINGS: dict[str, tuple[Callable[[Any], Mapping], Callable[..., Any]]] = {"mapping": (build_mapping, MappingConfig)}
INVERTERS: dict[str, tuple[Callable[[Any], InversionEncoder], Callable[..., Any]]] = {
    "inversion": (InversionEncoder, InversionConfig)
}
