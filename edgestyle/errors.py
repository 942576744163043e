"""Every error edgestyle raises on purpose.

    EdgestyleError               shown to a command-line user as one line, exit code 2
    |-- PictureError             a picture cannot be read or written
    |   `-- FaceError            a photo has no face, or none that can be drawn
    |-- VideoError               a video cannot be read
    |-- PackError                a pack or style is unknown, damaged or unsafe
    |   `-- MixError             a mix of styles is not written as one
    |-- ContractError            a tensor or number breaks the contract (shape, range, dtype)
    |-- ExportError              a format cannot do what was asked
    |   |-- BudgetError          no file is as good or as small as asked; exit code 3
    |   |-- CalibrationError     photos to calibrate an integer recipe on are missing or too few
    |   `-- ParityError          an exported file draws another picture than its network
    |-- ArtifactError            an exported file or its sidecar is missing, changed or damaged
    |-- AcceleratorError         this machine or this build of a runtime lacks what was asked for
    |-- TargetError              a device cannot be reached, or lacks what a measurement needs
    |-- FleetError               a file of devices says something that cannot be
    |-- TrainingError            a run cannot start or go on
    |-- OutputError              a result cannot be written
    `-- MissingExtraError        an optional dependency is not installed

Anything else that escapes is a bug and keeps its traceback.
"""


class EdgestyleError(Exception):
    """Base of all errors a user can act on; the message says what was wrong and what would be right.

    Attributes:
        exit_code: of the command line.
    """

    exit_code = 2


class PictureError(EdgestyleError):
    """A picture cannot be read or written."""


class FaceError(PictureError):
    """A photo has no face, too small a one, one cut by its border, or fewer than were asked for."""


class VideoError(EdgestyleError):
    """A video cannot be read."""


class PackError(EdgestyleError):
    """A pack or style is unknown, damaged or unsafe."""


class MixError(PackError):
    """A mix of styles is not written as one: an odd weight, an empty part, a style named twice."""


class ContractError(EdgestyleError):
    """A tensor or number breaks the contract in `edgestyle.contract`."""


class ExportError(EdgestyleError):
    """A format cannot do what was asked."""


class BudgetError(ExportError):
    """No file is as good or as small as was asked; the message says the best that can be had."""

    exit_code = 3


class CalibrationError(ExportError):
    """Photos to calibrate an integer recipe on are missing or too few."""


class ParityError(ExportError):
    """An exported file draws another picture than the network it came from."""


class ArtifactError(EdgestyleError):
    """An exported file or its sidecar is missing, changed or damaged."""


class AcceleratorError(EdgestyleError):
    """This machine, or this build of a runtime, lacks what a file was to run on."""


class TargetError(EdgestyleError):
    """A device cannot be reached, or lacks what a measurement needs."""


class FleetError(EdgestyleError):
    """A file that names a fleet of devices cannot be read, or has a typo; the message names the line."""


class TrainingError(EdgestyleError):
    """A training run cannot start or go on."""


class OutputError(EdgestyleError):
    """A result cannot be written."""


class MissingExtraError(EdgestyleError):
    """An optional dependency is not installed.

    Args:
        package: the import that failed.
        extra: the extra of edgestyle that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"this needs '{package}', which is not installed: pip install 'edgestyle[{extra}]'")
