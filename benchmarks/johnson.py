"""The network phones were given before: Johnson et al.'s transformer, as a yardstick for speed."""

from torch import Tensor, nn


class JohnsonTransformer(nn.Module):
    """Johnson, Alahi and Fei-Fei, "Perceptual Losses for Real-Time Style Transfer", ECCV 2016, supplement, table 1.

    1.68 million parameters, with instance normalisation (Ulyanov et al. 2016) as in every later version.
    `image [N,3,H,W] -> [N,3,H,W]`. Its weights do not matter for its speed and stay random.
    """

    def __init__(self) -> None:
        super().__init__()
        layers = [*_conv(3, 32, 9, 1), *_conv(32, 64, 3, 2), *_conv(64, 128, 3, 2)]
        layers += [_Residual(128) for _ in range(5)]
        layers += [
            nn.Upsample(scale_factor=2),
            *_conv(128, 64, 3, 1),
            nn.Upsample(scale_factor=2),
            *_conv(64, 32, 3, 1),
        ]
        self.layers = nn.Sequential(*layers, nn.ReflectionPad2d(4), nn.Conv2d(32, 3, 9))

    def forward(self, image: Tensor) -> Tensor:
        stylized: Tensor = self.layers(image)
        return stylized


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(*_conv(channels, channels, 3, 1), *_conv(channels, channels, 3, 1)[:-1])

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.layers(x)
        return result


def _conv(in_channels: int, out_channels: int, kernel: int, stride: int) -> list[nn.Module]:
    return [
        nn.ReflectionPad2d(kernel // 2),
        nn.Conv2d(in_channels, out_channels, kernel, stride),
        nn.InstanceNorm2d(out_channels, affine=True),
        nn.ReLU(),
    ]
