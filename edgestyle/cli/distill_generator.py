"""`edgestyle distill-generator`."""

from pathlib import Path

import typer

from edgestyle.cli import generator_options as options
from edgestyle.cli.repeating import repeat_command

_LESSON = (
    "batch_size", "learning_rate", "faces", "coarse_share", "encoder_start", "adversarial_start", "adversarial_weight",
    "wavelet_weight",
)  # fmt: skip


def distill_generator(
    context: typer.Context,
    teacher: options.Teacher,
    output: options.Output = Path("faces"),
    run: options.Run = Path("runs/faces"),
    steps: options.Steps = 8_000,
    batch_size: options.BatchSize = 8,
    learning_rate: options.StudentRate = 2e-3,
    faces: options.Faces = 8192,
    coarse_share: options.CoarseShare = 0.6,
    encoder_start: options.EncoderStart = 0.7,
    adversarial_start: options.AdversarialStart = 0.75,
    adversarial_weight: options.AdversarialWeight = 0.03,
    wavelet_weight: options.WaveletWeight = 0.5,
    start: options.StudentStart = None,
    avatars: options.Avatars = None,
    licence: options.Licence = None,
    credit: options.Credit = None,
    seed: options.Seed = 0,
    threads: options.Threads = 1,
    device: options.Device = "cpu",
) -> None:
    """Distil a StyleGAN into a network for phones (MobileStyleGAN), with an encoder of its pictures, and make a pack.

    Interrupt it freely; the same command goes on exactly. Then: edgestyle avatar --pack PACK --grid 6x6

    Example: edgestyle distill-generator runs/faces/best.safetensors -o faces --licence CC0-1.0

    In two parts: the second starts from what the first learned, and so needs no coarse steps and no wait:

    edgestyle distill-generator best.safetensors -o draft --run runs/draft --adversarial-weight 0

    edgestyle distill-generator best.safetensors -o faces --from runs/draft --learning-rate 0.001 --coarse-share 0
    --encoder-start 0 --adversarial-start 0.3
    """
    from edgestyle.cli.extras import needs

    with needs("torch", "train"):
        from edgestyle.cli.generator_packs import plan_faces, save_faces
        from edgestyle.cli.generators import train_student
        from edgestyle.sidecar import file_sha256
        from edgestyle.training.generator_distillation import load_student, plan_distillation
        from edgestyle.training.processes import launch

    network, about = plan_faces(output, teacher, avatars, licence, credit, start)
    origin, digest = load_student(start) if start else (None, "")
    lesson = {name: context.params[name] for name in _LESSON}
    settings = {"steps": steps, "seed": seed, "threads": threads, "start": digest}
    config = plan_distillation(network, file_sha256(teacher), lesson, settings)
    student = train_student(config, network, run, launch(batch_size, "32", device), origin)
    save_faces(output, network, student, config, about, repeat_command(context, ["run"]))
