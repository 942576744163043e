"""What is to be measured: one exported file under one set of circumstances."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edgestyle.bench.measuring import Plan
from edgestyle.sidecar import read_sidecar


@dataclass(frozen=True)
class Job:
    """One file to measure.

    Attributes:
        path: the exported file on the machine that measures.
        size: side of the square picture, pixels.
        threads: CPU threads.
        accelerator: what to ask of the runtime: "cpu", "xnnpack", "openvino-cpu", "coreml-all", ...
        style: the style vector that is drawn.
        artifact: what a row says of the file.
    """

    path: Path
    size: int
    threads: int
    accelerator: str
    style: tuple[float, ...]
    artifact: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As `from_json` takes it."""
        return {**asdict(self), "path": str(self.path), "style": list(self.style)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Job":
        """The job that `to_json` wrote."""
        return cls(**{**data, "path": Path(data["path"]), "style": tuple(data["style"])})


def make_job(path: Path, size: int, threads: int, accelerator: str = "cpu") -> Job:
    """A job for an exported file with its sidecar beside it; the style is the sidecar's first.

    Raises:
        ArtifactError: the file or its sidecar is missing, or they do not belong together.
    """
    sidecar = read_sidecar(path)
    artifact: dict[str, Any] = {"name": path.name}
    artifact |= {key: sidecar[key] for key in ("sha256", "size_bytes", "format", "recipe", "pack")}
    artifact["mean_psnr_db"] = (sidecar.get("parity") or {}).get("mean_psnr_db")
    style = next(iter(sidecar["styles"].values()))["vector"]
    return Job(path, size, threads, accelerator, tuple(style), artifact)


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
