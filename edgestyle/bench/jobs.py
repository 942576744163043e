"""What is to be measured: one exported file under one set of circumstances."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgestyle.bench.measuring import Plan
from edgestyle.errors import ArtifactError
from edgestyle.runtime.accelerators import default_accelerator, find_accelerator
from edgestyle.runtime.component import SPECS
from edgestyle.sidecar import file_sha256, file_size_bytes, read_sidecar

Known = Mapping[str, Sequence[str]]  # suffix -> what such files run on somewhere
TORCH = "torch-cpu"  # what a pack runs on


@dataclass(frozen=True)
class Job:
    """One file to measure.

    Attributes:
        path: the exported file on the machine that measures.
        size: side of the square picture, pixels; all components but renderers have their own.
        threads: CPU threads.
        accelerator: what to ask of the runtime: "cpu", "xnnpack", "openvino-cpu", "coreml-all", ...
        style: the style vector that is drawn, by a renderer.
        artifact: what a row says of the file.
        component: "renderer", or another of `edgestyle.runtime.component.SPECS`.
        latents: how many random numbers a mapping takes.
    """

    path: Path
    size: int
    threads: int
    accelerator: str
    style: tuple[float, ...]
    artifact: dict[str, Any]
    component: str = "renderer"
    latents: int = 0

    def to_json(self) -> dict[str, Any]:
        """As `from_json` takes it."""
        return {**asdict(self), "path": str(self.path), "style": list(self.style)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Job":
        """The job that `to_json` wrote."""
        return cls(**{**data, "path": Path(data["path"]), "style": tuple(data["style"])})


def make_job(path: Path, size: int, threads: int, accelerator: str | None = None, known: Known | None = None) -> Job:
    """A job for an exported file with its sidecar beside it, or for a pack's folder, whose renderer torch runs.

    The style is the sidecar's or the pack's first, or the mean where none has a name. Without an accelerator it is the
    first that the format runs on. `known` has what files of each suffix run on where they will be measured, if not by
    this machine's runtimes.

    Raises:
        ArtifactError: the file or its sidecar is missing, they do not belong together, or the format does not run on
            the accelerator.
        PackError: the folder holds no sound pack.
    """
    if is_pack(path):
        return _pack_job(path, size, threads, accelerator)
    wanted = accelerator or (known or {}).get(path.suffix, [default_accelerator(path.suffix)])[0]
    _check_accelerator(path.suffix, wanted, known)
    sidecar = read_sidecar(path)
    artifact: dict[str, Any] = {"name": path.name}
    artifact |= {key: sidecar[key] for key in ("sha256", "size_bytes", "format", "recipe", "pack")}
    artifact["mean_psnr_db"] = (sidecar.get("parity") or {}).get("mean_psnr_db")
    vectors = [style["vector"] for style in sidecar["styles"].values()]
    style, component = vectors[0] if vectors else sidecar["mean_style"], sidecar.get("component", "renderer")
    if component not in ("renderer", *SPECS):
        raise ArtifactError(f"{path.name} is a {component}, which cannot be measured: known are {', '.join(SPECS)}")
    if component != "renderer":
        size = int(sidecar["sizes"][0])
    latents = int(sidecar["latents"]) if component == "mapping" else 0
    return Job(path, size, threads, wanted, tuple(style), artifact, component, latents)


def _check_accelerator(suffix: str, name: str, known: Known | None) -> None:
    if known is None or suffix not in known:
        find_accelerator(suffix, name)
    elif name not in known[suffix]:
        raise ArtifactError(f"{suffix} files run on {', '.join(known[suffix])} there, not on '{name}'")


def is_pack(path: Path) -> bool:
    """Whether a path is the folder of a pack."""
    return (path / "pack.json").is_file()


def _pack_job(path: Path, size: int, threads: int, accelerator: str | None) -> Job:
    if accelerator not in (None, TORCH):
        raise ArtifactError(f"a pack runs on {TORCH}, not on '{accelerator}'")
    from edgestyle.packs.loading import load_pack

    pack = load_pack(path)
    artifact = {
        "name": path.name, "sha256": file_sha256(path), "size_bytes": file_size_bytes(path), "format": "pack",
        "recipe": "float32", "pack": pack.name, "mean_psnr_db": None,
    }  # fmt: skip
    return Job(path, size, threads, TORCH, tuple(map(float, pack.style().vector)), artifact)


def begin_row(job: Job, plan: Plan, target: str, device: dict[str, Any]) -> dict[str, Any]:
    """The fields of `Result` that are known before a job is measured; `runtime` is null as yet."""
    return {
        "artifact": job.artifact,
        "device": device,
        "runtime": None,
        "settings": {
            "size": job.size,
            "threads": job.threads,
            **asdict(plan),
            "pinned_cores": list(plan.pinned_cores),
        },
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "target": target,
        "accelerator": job.accelerator,
    }
