"""`edgestyle learn`."""

from pathlib import Path
from typing import Annotated

import typer

from edgestyle.errors import ContractError

DEFAULT_PACK = "atelier"


def learn(
    name: Annotated[str, typer.Argument(help="What to call the style: a-z, 0-9, - and _.")],
    pictures: Annotated[
        list[Path] | None, typer.Argument(help="Pictures that show the style, or folders of them.", metavar="IMAGE...")
    ] = None,
    pack: Annotated[
        str, typer.Option(help="The pack that learns it: a shipped one's name, or a folder.")
    ] = DEFAULT_PACK,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the style and its preview.")] = Path(),
    brand: Annotated[
        Path | None,
        typer.Option(help="A brand's folder of 20 to 200 pictures: also writes a report and what `drift` needs."),
    ] = None,
    adapt: Annotated[
        bool, typer.Option("--adapt", help="Also learn a low-rank correction of the network, stored with the style.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Move a style that is there towards the pictures; keep the old as version.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Learn anew what is there under this name.")] = False,
    strength: Annotated[
        float | None,
        typer.Option(
            help="Default strength; if not given, one is proposed from the strength response, or with --update the old."
        ),
    ] = None,
    photos: Annotated[
        Path | None, typer.Option(help="Folder of photos such as will be drawn in the style; 16 bundled ones.")
    ] = None,
    steps: Annotated[int, typer.Option(help="Steps to fit the vector in.", min=1, max=100_000)] = 300,
    learning_rate: Annotated[float, typer.Option(help="Of Adam, at the start.")] = 0.05,
    content_weight: Annotated[
        float, typer.Option(help="How much photos insist on what they show, against 1 for how it is painted.")
    ] = 0.2,
    title: Annotated[str, typer.Option(help="The style's name for people.")] = "",
    licence: Annotated[
        str,
        typer.Option(
            help="Licence of the pictures, as an SPDX identifier; apps show it. LicenseRef-not-stated if not given."
        ),
    ] = "",
    credit: Annotated[str, typer.Option(help="Whom to thank for the pictures.")] = "",
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 0,
) -> None:
    """Learn a style from one picture or a brand's two hundred, in minutes; the network stays as it is.

    One picture:  edgestyle learn bridge munch.jpg --pack museum
    A brand:      edgestyle learn acme --brand campaign/ --pack lumen
    Draw with it: edgestyle stylize photo.jpg -o drawn.jpg --style bridge.style.json
    Ship it:      edgestyle add-style bridge.style.json phone/
    """
    from edgestyle.cli.extras import needs
    from edgestyle.contract import check_strength
    from edgestyle.packs.loading import check_name, load_pack

    check_name(name)
    if strength is not None:
        check_strength(strength)
    for text in (title, licence, credit):
        if not text.isprintable():
            raise ContractError(f"{text!r} is no plain text: --title, --licence and --credit are a line each")
    sources = [*(pictures or []), *([brand] if brand else [])]
    if not sources:
        raise ContractError("give pictures that show the style, or --brand FOLDER")
    with needs("torch", "evaluate"):
        from edgestyle.cli.learning import bar, find_old, make_book, read_photos, read_pictures, write_all
        from edgestyle.training.learning import LearningConfig
        from edgestyle.training.style_learning import Request, learn_style
    loaded = load_pack(pack)
    config = LearningConfig(steps, learning_rate, content_weight=content_weight, seed=seed)
    old = find_old(output, name, update, replace)
    found = read_pictures(sources, brand)
    scenes = read_photos(photos)
    book = make_book(found, output, name, update) if brand is not None else None
    request = Request(name, loaded, config, adapt, old, strength, title, licence, credit)
    with bar(f"learning {name}", steps) as on_step:
        result = learn_style(request, found, scenes, on_step)
    for path in write_all(result, found, scenes, output, book):
        print(path)
