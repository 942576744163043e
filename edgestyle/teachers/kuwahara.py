"""Kuwahara filters: they flatten texture into dabs of paint and keep edges sharp.

Every filter here is local: a pixel depends on a neighbourhood of known radius only, so pictures can be
filtered tile by tile with a margin and no seam shows.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

SECTORS = 8
_RINGS = 3
_VARIANCE_SCALE = 255.0 / 4  # standard deviations enter the weights in quarter grey levels, as in the paper


def pad_edges(image: Tensor, margin: int) -> Tensor:
    """Repeat the outermost pixels of `[N,C,H,W]` by `margin` on every side."""
    return F.pad(image, (margin, margin, margin, margin), mode="replicate")


def gaussian_blur(image: Tensor, sigma: float) -> Tensor:
    """Blur `[N,C,H,W]` by a Gaussian of standard deviation `sigma` (pixels); edges are repeated."""
    if sigma <= 0.05:
        return image
    radius = math.ceil(3 * sigma)
    x = torch.arange(-radius, radius + 1, dtype=image.dtype, device=image.device)
    kernel = torch.exp(-0.5 * (x / sigma) ** 2)
    kernel = (kernel / kernel.sum()).repeat(image.shape[1], 1, 1, 1)
    padded = pad_edges(image, radius)
    rows = F.conv2d(padded, kernel.transpose(2, 3), groups=image.shape[1])
    return F.conv2d(rows, kernel, groups=image.shape[1])


def generalised_kuwahara(image: Tensor, radius: float, sharpness: float = 8.0) -> Tensor:
    """Smooth `image` by the calmest of eight overlapping sectors round each pixel.

    Papari, Petkov and Campisi, "Artistic Edge and Corner Enhancing Smoothing", IEEE TIP 2007, section III.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1].
        radius: of the neighbourhood in pixels, any value >= 0; at 0 the picture comes back as it was.
        sharpness: the paper's q; the higher, the more the sector of least variance alone decides.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if radius <= 0:
        return image
    kernels = _sector_kernels(radius, image)
    moments = torch.cat([image, image.square().sum(1, keepdim=True)], 1)
    n, c, h, w = moments.shape
    padded = pad_edges(moments.reshape(n * c, 1, h, w), kernels.shape[-1] // 2)
    means = F.conv2d(padded, kernels).reshape(n, c, SECTORS, h, w)
    return _blend_sectors(means, sharpness)


def anisotropic_kuwahara(image: Tensor, radius: float, elongation: float = 1.0, sharpness: float = 8.0) -> Tensor:
    """Smooth `image` by Kuwahara sectors stretched along the picture's own lines, as a brush would go.

    Kyprianidis, Kang and Doellner, "Image and Video Abstraction by Anisotropic Kuwahara Filtering",
    Computer Graphics Forum 2009, section 3. The ellipse is sampled at fixed points of the unit disc that each pixel
    turns and stretches, so sector weights are constants and the cost does not depend on the radius.

    Args:
        image: `[N,3,H,W]`, sRGB in [0,1].
        radius: of the round neighbourhood in pixels, >= 0; at 0 the picture comes back as it was.
        elongation: 0 keeps discs, 1 stretches up to 2:1 each way where the picture has one clear direction.
        sharpness: as in `generalised_kuwahara`.

    Returns:
        `[N,3,H,W]` in [0,1].
    """
    if radius <= 0:
        return image
    points, weights = _disc_samples(image)
    along, anisotropy = _local_direction(image)
    stretch = 1 + elongation * anisotropy
    major, minor = radius * stretch, radius / stretch
    moments = torch.cat([image, image.square().sum(1, keepdim=True)], 1)
    samples = _sample_ellipses(moments, points, along, major, minor)
    means = torch.einsum("sp,ncphw->ncshw", weights, samples)
    return _blend_sectors(means, sharpness)


def _blend_sectors(means: Tensor, sharpness: float) -> Tensor:
    """Weigh sector means `[N,4,S,H,W]` (colour and its squared length) by how little each sector varies."""
    colour, squared = means[:, :3], means[:, 3:]
    variance = (squared - colour.square().sum(1, keepdim=True)).clamp_min(0)
    weight = 1 / (1 + (variance * _VARIANCE_SCALE**2) ** (sharpness / 2))
    return ((colour * weight).sum(2) / weight.sum(2)).clamp(0, 1)


def _sector_weights(x: Tensor, y: Tensor) -> Tensor:
    """Smooth, overlapping sector memberships `[S,...]` of points; they add up to 1 everywhere."""
    angle = torch.atan2(y, x)
    centres = torch.arange(SECTORS, dtype=x.dtype, device=x.device) * (2 * math.pi / SECTORS)
    offset = angle - centres.reshape(-1, *([1] * x.dim()))
    membership = torch.exp(4 * (torch.cos(offset) - 1))
    at_centre = (x.square() + y.square()) < 1e-9
    membership = torch.where(at_centre, torch.ones_like(membership), membership)
    return membership / membership.sum(0)


def _sector_kernels(radius: float, like: Tensor) -> Tensor:
    """Sector kernels `[S,1,K,K]`, each adding up to 1, for a Gaussian of standard deviation radius/2."""
    reach = max(1, math.ceil(radius))
    axis = torch.arange(-reach, reach + 1, dtype=like.dtype, device=like.device)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    falloff = torch.exp(-2 * (x.square() + y.square()) / radius**2)
    kernels = _sector_weights(x, y) * falloff
    return (kernels / kernels.sum((1, 2), keepdim=True)).unsqueeze(1)


def _disc_samples(like: Tensor) -> tuple[Tensor, Tensor]:
    """Points of the unit disc `[P,2]` and each sector's weights for them `[S,P]`, adding up to 1."""
    points, areas = [(0.0, 0.0)], [0.25]
    for ring in range(1, _RINGS + 1):
        count, distance = 6 * ring, ring / _RINGS
        for k in range(count):
            angle = 2 * math.pi * (k + 0.5 * (ring % 2)) / count
            points.append((distance * math.cos(angle), distance * math.sin(angle)))
            areas.append(1.0)
    xy = torch.tensor(points, dtype=like.dtype, device=like.device)
    area = torch.tensor(areas, dtype=like.dtype, device=like.device)
    weights = _sector_weights(xy[:, 0], xy[:, 1]) * area * torch.exp(-2 * xy.square().sum(1))
    return xy, weights / weights.sum(1, keepdim=True)


def _local_direction(image: Tensor) -> tuple[Tensor, Tensor]:
    """The direction lines run in `[N,2,H,W]` (unit x,y) and how clear it is `[N,1,H,W]` in [0,1].

    From the smoothed structure tensor (Brox et al. 2006; section 3.1 of the paper above).
    """
    sobel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=image.dtype, device=image.device) / 8
    kernels = torch.stack([sobel, sobel.T]).unsqueeze(1).repeat(3, 1, 1, 1)
    gradient = F.conv2d(pad_edges(image, 1), kernels, groups=3)
    gx, gy = gradient[:, 0::2], gradient[:, 1::2]
    tensor = torch.stack([gx.square().sum(1), (gx * gy).sum(1), gy.square().sum(1)], 1)
    e, f, g = gaussian_blur(tensor, 2.0).unsqueeze(2).unbind(1)
    root = ((e - g).square() + 4 * f.square() + 1e-14).sqrt()
    angle = 0.5 * torch.atan2(2 * f, e - g) + math.pi / 2
    anisotropy = root / (e + g + 1e-5)
    return torch.cat([torch.cos(angle), torch.sin(angle)], 1), anisotropy.clamp(0, 1)


def _sample_ellipses(moments: Tensor, points: Tensor, along: Tensor, major: Tensor, minor: Tensor) -> Tensor:
    """Read `moments` `[N,C,H,W]` at every disc point, turned and stretched at each pixel: `[N,C,P,H,W]`."""
    n, c, h, w = moments.shape
    ax, ay = along[:, :1], along[:, 1:]
    u = points[:, 0].reshape(1, -1, 1, 1)
    v = points[:, 1].reshape(1, -1, 1, 1)
    dx = u * major * ax - v * minor * ay
    dy = u * major * ay + v * minor * ax
    columns = torch.arange(w, dtype=moments.dtype, device=moments.device)
    rows = torch.arange(h, dtype=moments.dtype, device=moments.device).unsqueeze(1)
    grid_x = (dx + columns + 0.5) * (2 / w) - 1
    grid_y = (dy + rows + 0.5) * (2 / h) - 1
    grid = torch.stack([grid_x, grid_y], -1).reshape(n, -1, w, 2)
    read = F.grid_sample(moments, grid, padding_mode="border", align_corners=False)
    return read.reshape(n, c, -1, h, w)
