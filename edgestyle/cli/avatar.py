"""`edgestyle avatar`."""

from pathlib import Path

from edgestyle.cli import avatar_options as options
from edgestyle.cli.upscaling import UpscaleOption, open_upscaler
from edgestyle.errors import ContractError, OutputError


def avatar(
    seed: options.Seed = None,
    name: options.Name = None,
    invert: options.Invert = None,
    style: options.Kept = None,
    mix: options.Mix = None,
    strength: options.Strength = None,
    grid: options.Grid = None,
    captions: options.Captions = False,
    to: options.To = None,
    steps: options.Steps = None,
    upscale: UpscaleOption = None,
    save_style: options.SaveStyle = None,
    pack: options.Pack = "faces",
    output: options.Output = None,
) -> None:
    """Draw faces from nothing: by seed, by name, mixed, or found in a picture and drawn again. Needs no torch.

    A face:         edgestyle avatar --seed 7 -o me.png

    By name:        edgestyle avatar --name NAME --strength 0.8

    A mixed one:    edgestyle avatar --seed 7 --mix 9:0.3

    Many:           edgestyle avatar --grid 6x6 --seed 100 --captions -o faces.png

    The way there:  edgestyle avatar --seed 7 --to 9 -o way.png (or .gif, .webp)

    Drawn again:    edgestyle avatar --invert me.png --mix 9:0.3

    Larger:         edgestyle avatar --seed 7 --upscale 4 -o large.png

    Kept:           edgestyle avatar --seed 7 --mix 9:0.3 --save-style me.json

    And later:      edgestyle avatar --style me.json
    """
    from edgestyle.cli.avatar_faces import Start, choose_drawing
    from edgestyle.cli.avatar_sheets import check_steps, draw_grid, draw_way, parse_grid
    from edgestyle.images import Picture, write_picture
    from edgestyle.packs.avatars import load_avatars
    from edgestyle.packs.kept_faces import keep_face

    _check_together(grid, captions, to, steps, save_style)
    wanted = None if grid is None else parse_grid(grid)
    check_steps(steps)
    loaded = load_avatars(pack)
    drawing = choose_drawing(loaded, Start(seed, name, invert, style), mix or [], strength, open_upscaler(upscale))
    default = f"avatars-{drawing.label}-{grid}" if wanted else f"avatar-{drawing.label}{f'-to-{to}' if to else ''}"
    target = _target(output, f"{default}.png")
    _check_apart(target, invert, style, save_style)
    if wanted is not None:
        draw_grid(drawing, wanted, captions, target)
    elif to is not None:
        draw_way(drawing, to, steps, target)
    else:
        write_picture(Picture(drawing.draw(drawing.vector)), target)
    print(target)
    if save_style is not None:
        keep_face(loaded, drawing.vector, drawing.strength, save_style)
        print(save_style)


def _check_together(
    grid: str | None, captions: bool, to: str | None, steps: int | None, save_style: Path | None
) -> None:
    """Raise ContractError for options that do not go together."""
    if grid is not None and to is not None:
        raise ContractError("--grid and --to both draw many faces: give one of them")
    if captions and grid is None:
        raise ContractError("--captions are of --grid: ask for one such as --grid 6x6")
    if steps is not None and to is None:
        raise ContractError("--steps are those of --to: say which face to go to")
    if save_style is not None and (grid is not None or to is not None):
        raise ContractError("--save-style keeps one face: leave out --grid and --to")


def _target(output: Path | None, default: str) -> Path:
    """The file to write. Raises OutputError for a name without a suffix."""
    if output is None or output.is_dir():
        return (output or Path()) / default
    if not output.suffix:
        raise OutputError(f"{output} is no picture file: give a name such as {output.with_suffix('.png')}")
    return output


def _check_apart(*paths: Path | None) -> None:
    """Raise OutputError where a result would be written over what was read, or over another."""
    places = [path.resolve() for path in paths if path is not None]
    if len(set(places)) < len(places):
        raise OutputError("the result, the picture and the kept styles cannot be the same file")
