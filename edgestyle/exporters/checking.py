"""Check files of a pack again, whatever component they are of."""

from functools import cached_property
from pathlib import Path

from edgestyle.exporters.avatars import AvatarNetworks, check_avatar_file, load_networks
from edgestyle.exporters.bundle import check_file
from edgestyle.exporters.describing import Exported
from edgestyle.exporters.encoder_parity import Looks
from edgestyle.exporters.encoders import check_encoder_file
from edgestyle.exporters.parity import Reference
from edgestyle.packs.avatar_pack import AvatarPack
from edgestyle.packs.networks import load_encoder, load_renderer
from edgestyle.packs.pack import Pack
from edgestyle.sidecar import read_sidecar


class Checker:
    """Holds what a pack's files are compared with, computed at most once.

    Args:
        pack: what the files were exported from.
    """

    def __init__(self, pack: Pack | AvatarPack) -> None:
        self._pack = pack

    def check(self, path: Path) -> Exported:
        """Run a file's parity gate again; pictures of a failed one go into `parity-failures` beside it.

        Raises:
            ArtifactError: the file or its sidecar is damaged, or they do not fit the pack.
            PackError: it is an encoder's, and the pack has none.
            ParityError: the file draws another picture.
        """
        failures = path.parent / "parity-failures"
        if isinstance(self._pack, AvatarPack):
            return check_avatar_file(path, self._networks, failures)
        if read_sidecar(path).get("component") == "encoder":
            return check_encoder_file(path, self._pack, self._looks, failures)
        return check_file(path, self._pack, self._reference, failures)

    @cached_property
    def _networks(self) -> AvatarNetworks:
        assert isinstance(self._pack, AvatarPack)
        return load_networks(self._pack)

    @cached_property
    def _reference(self) -> Reference:
        assert isinstance(self._pack, Pack)
        return Reference(load_renderer(self._pack))

    @cached_property
    def _looks(self) -> Looks:
        assert isinstance(self._pack, Pack)
        return Looks(load_renderer(self._pack), load_encoder(self._pack))
