"""Options with a unit: a time such as 10m, a share such as 5%, a list of cores such as 0,1."""

import math
import re

from edgestyle.errors import ContractError

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


def parse_seconds(text: str) -> float:
    """ "90", "90s", "10m" and "1h" in seconds. Raises ContractError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not match:
        raise ContractError(f"'{text}' is no time: write 30s, 10m or 1h")
    return float(match[1]) * _SECONDS[match[2]]


def parse_share(text: str) -> float:
    """ "5%" as 0.05. Raises ContractError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)%", text.strip())
    if not match or not math.isfinite(float(match[1])):
        raise ContractError(f"'{text}' is no share: write 5%")
    return float(match[1]) / 100


def parse_cores(text: str) -> tuple[int, ...]:
    """ "0,2" as (0, 2). Raises ContractError for anything else."""
    if not re.fullmatch(r"\d{1,4}(,\d{1,4})*", text.strip()):
        raise ContractError(f"'{text}' is no list of cores: write 0,1")
    return tuple(dict.fromkeys(int(part) for part in text.split(",")))
