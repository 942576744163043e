"""`edgestyle learn`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from edgestyle.cli.learning_options import (
    Adapt,
    Brand,
    ContentWeight,
    Licence,
    Pictures,
    Replace,
    Scenes,
    Strength,
    Update,
    check_options,
)
from edgestyle.errors import ContractError

_FAR = 0.3  # of the photos' own distance: styles that a vector alone reaches leave 0.07 to 0.18


def learn(
    name: Annotated[str, typer.Argument(help="What to call the style: a-z, 0-9, - and _.")],
    pictures: Pictures = None,
    pack: Annotated[str, typer.Option(help="The pack that learns it: a shipped one, or a folder.")] = "easel",
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the style and its preview.")] = Path(),
    brand: Brand = None,
    adapt: Adapt = False,
    update: Update = False,
    replace: Replace = False,
    strength: Strength = None,
    photos: Scenes = None,
    steps: Annotated[int, typer.Option(help="Steps to fit the vector in.", min=1, max=100_000)] = 300,
    learning_rate: Annotated[float, typer.Option(help="Of Adam, at the start.")] = 0.05,
    content_weight: ContentWeight = 0.2,
    title: Annotated[str, typer.Option(help="The style's name for people.")] = "",
    licence: Licence = "",
    credit: Annotated[str, typer.Option(help="Whom to thank for the pictures.")] = "",
    seed: Annotated[int, typer.Option(help="Of all chance.")] = 0,
) -> None:
    """Learn a style from one picture or a brand's two hundred, in minutes; the network stays as it is.

    One picture:  edgestyle learn bridge munch.jpg
    A brand:      edgestyle learn acme --brand campaign/ --pack lumen
    Draw with it: edgestyle stylize photo.jpg -o drawn.jpg --style bridge.style.json
    Ship it:      edgestyle add-style bridge.style.json phone/
    """
    from edgestyle.cli.extras import needs
    from edgestyle.packs.loading import check_name, load_pack

    check_name(name)
    check_options(strength, title, licence, credit)
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
    print(f"drawn at strength {result.file.style.default_strength:g} unless another is given", file=sys.stderr)
    if result.share_left > _FAR and not (adapt or loaded.recolours):  # colours hang on what photos show, too
        left = f"{result.share_left:.0%} of what sets photos apart from the style is left"
        print(f"note: {left}; --adapt comes closer, as a style with a pack of its own", file=sys.stderr)
