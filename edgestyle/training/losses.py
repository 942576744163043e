"""What a student is punished for. Every loss is a mean over its tensor, so weights compare across sizes."""

from torch import Tensor


def gradient_loss(student: Tensor, teacher: Tensor) -> Tensor:
    """Mean absolute difference of the horizontal and vertical first differences of two `[N,C,H,W]` pictures.

    Keeps edges where the teacher has them: L1 alone would rather blur a line than misplace it.
    """
    error = student - teacher
    across = (error[..., :, 1:] - error[..., :, :-1]).abs().mean()
    down = (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    return across + down


def distillation_loss(student: Tensor, teacher: Tensor, gradient_weight: float = 0.5) -> Tensor:
    """L1 plus `gradient_weight` times `gradient_loss`, for two `[N,C,H,W]` pictures in [0,1]."""
    return (student - teacher).abs().mean() + gradient_weight * gradient_loss(student, teacher)
