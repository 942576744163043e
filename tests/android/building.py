"""Compile the Android project without its SDK: Kotlin from npm, ONNX Runtime's own classes, stubs for the rest."""

import re
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "android_demo"
NODE = ROOT / ".node" / "node_modules"
KOTLIN = NODE / "kotlin-compiler"
AAR = NODE / "com.github.asus4.onnxruntime" / "Plugins" / "Android" / "onnxruntime.aar"
FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")
JUNIT = [Path("/usr/share/java/junit4.jar"), Path("/usr/share/java/hamcrest-core.jar")]
RESOURCES = PROJECT / "app" / "src" / "main" / "res"
MANIFEST = PROJECT / "app" / "src" / "main" / "AndroidManifest.xml"
APP_ID = "dev.edgestyle.demo"
KIT_SOURCES = [PROJECT / "kit" / "src" / kind / "kotlin" for kind in ("main", "test", "androidTest")]
APP_SOURCES = [PROJECT / "app" / "src" / kind / "kotlin" for kind in ("main", "debug")]
DEBIAN = "default-jdk-headless junit4 aapt android-framework-res"
HOW = f"make android fetches Kotlin and ONNX Runtime; apt-get install {DEBIAN}"
LANGUAGE = "2.2"  # of the Kotlin that the Android Gradle plugin in the catalogue brings along
_JVM = ["-Xmx2g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


@dataclass(frozen=True)
class Built:
    """What was compiled.

    Attributes:
        classes: folders by module: "stubs", "kit", "app".
        classpath: all that the tests need to run.
        ort: ONNX Runtime's classes.
    """

    classes: dict[str, Path]
    classpath: str
    ort: Path


def missing_tools() -> list[str]:
    """Names of what is not installed."""
    paths = [KOTLIN, AAR, FRAMEWORK, *JUNIT]
    commands = [name for name in ("java", "javac", "aapt2") if shutil.which(name) is None]
    return commands + [str(path) for path in paths if not path.exists()]


def run(command: list[str]) -> str:
    """What a command prints; raise AssertionError with its complaints where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{Path(command[0]).name} failed:\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
    return done.stdout


def link_resources(folder: Path, manifest: Path = MANIFEST, resources: Path = RESOURCES) -> Path:
    """Compile and link resources and manifest against Android's own.

    Args:
        folder: gets `app.apk`, and `R.java` under `gen`.
        manifest, resources: of the app.

    Returns:
        The APK, without code.
    """
    compiled, whole, apk = folder / "resources.zip", folder / "AndroidManifest.xml", folder / "app.apk"
    text = manifest.read_text(encoding="utf-8")
    whole.write_text(
        text.replace("<manifest ", f'<manifest package="{APP_ID}" ', 1), encoding="utf-8"
    )  # as Gradle does
    run(["aapt2", "compile", "--dir", str(resources), "-o", str(compiled)])
    versions = ["--min-sdk-version", version("minSdk"), "--target-sdk-version", version("targetSdk")]
    java = ["--java", str(folder / "gen")]
    run(
        [
            "aapt2",
            "link",
            "-I",
            str(FRAMEWORK),
            "--manifest",
            str(whole),
            *java,
            *versions,
            "-o",
            str(apk),
            str(compiled),
        ]
    )
    return apk


def version(name: str) -> str:
    """A version in the catalogue."""
    text = (PROJECT / "gradle" / "libs.versions.toml").read_text(encoding="utf-8")
    found = re.search(rf'^{name} = "([^"]+)"$', text, re.MULTILINE)
    assert found, f"the catalogue has no version '{name}'"
    return found[1]


def build(folder: Path) -> Built:
    """Compile stubs, kit, tests and app into `folder`; warnings are errors."""
    link_resources(folder)
    ort = folder / "onnxruntime.jar"
    with zipfile.ZipFile(AAR) as aar:
        ort.write_bytes(aar.read("classes.jar"))
    classes = {name: folder / name for name in ("stubs", "kit", "app", "tools")}
    _compile_java(folder, classes)
    libraries = [classes["stubs"], ort, *JUNIT]
    kit = _kotlin_arguments(KIT_SOURCES, libraries, classes["kit"])
    app = _kotlin_arguments(APP_SOURCES, [*libraries, classes["kit"]], classes["app"])
    run(["java", *_JVM, "-cp", _path([classes["tools"], *_compiler()]), "CompileAll", *kit, "--next", *app])
    return Built(classes, _path([*classes.values(), *libraries, KOTLIN / "lib" / "kotlin-stdlib.jar"]), ort)


def _compile_java(folder: Path, classes: dict[str, Path]) -> None:
    """Stubs, and what Gradle generates; then the tools that run compiler and tests."""
    config = folder / "gen" / "BuildConfig.java"
    constant = f'public static final String LITERT_VERSION = "{version("litert")}";'
    config.write_text(
        f"package dev.edgestyle.kit;\npublic final class BuildConfig {{ {constant} }}\n", encoding="utf-8"
    )
    stubs = sorted(str(path) for part in (PROJECT / "stubs", folder / "gen") for path in part.rglob("*.java"))
    libraries = [*JUNIT, KOTLIN / "lib" / "annotations-13.0.jar"]
    run(["javac", "-nowarn", "-d", str(classes["stubs"]), "-cp", _path(libraries), *stubs])
    tools = sorted(str(path) for path in (Path(__file__).parent / "jvm").glob("*.java"))
    run(["javac", "-nowarn", "-d", str(classes["tools"]), "-cp", _path([*JUNIT, *_compiler()]), *tools])


def _kotlin_arguments(sources: list[Path], libraries: list[Path], output: Path) -> list[str]:
    options = ["-kotlin-home", str(KOTLIN), "-no-reflect", "-jvm-target", "17", "-Werror"]
    options += ["-language-version", LANGUAGE, "-api-version", LANGUAGE]
    return [*options, "-cp", _path(libraries), "-d", str(output), *map(str, sources)]


def _compiler() -> list[Path]:
    names = ("kotlin-compiler", "kotlin-stdlib", "kotlin-reflect", "kotlin-script-runtime", "kotlin-daemon-client")
    return [KOTLIN / "lib" / f"{name}.jar" for name in (*names, "kotlinx-coroutines-core-jvm")]


def _path(parts: list[Path]) -> str:
    return ":".join(map(str, parts))
