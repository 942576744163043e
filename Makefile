# make demo   set everything up, then stylize, export, check and time      make demo PHOTO=me.jpg
# make test   set everything up, then run the tests
# make lint   style and types
# make arm64  set up the emulated ARM64 board that some tests want (Debian)
# make avatars  fetch what draws faces to train on (npm)
# make browser  fetch the runtimes that run files in a browser (npm)
# make swift  fetch a Swift compiler that checks the iOS kit and app (Debian)
# make android  fetch what the Android app is compiled against (npm, Debian)
# make bench  measure again what the README states                         make bench PHOTOS=folder
PYTHON ?= python3
PHOTO ?= examples/astronaut.jpg
BIN := .venv/bin

.PHONY: demo test lint avatars browser android swift arm64 wheel bench tables clean

demo: .venv/ready
	$(BIN)/edgestyle demo "$(PHOTO)" -o out

test: .venv/ready
	$(BIN)/pytest

lint: .venv/ready
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

arm64: .venv/ready
	benchmarks/independent/setup_arm64.sh $(BIN)/python

avatars:
	npm install --prefix .node @dicebear/core@9.4.3 @dicebear/collection@9.4.3 @resvg/resvg-js@2.6.2

browser:
	npm install --prefix .node onnxruntime-web@1.30.0 @litertjs/core@2.5.3

android:
	npm install --prefix .node kotlin-compiler@2.4.20 com.github.asus4.onnxruntime@0.4.9 @nativescript/types-android@9.1.1
	@{ command -v aapt2 && command -v javac; } >/dev/null || echo "apt-get install default-jdk-headless junit4 aapt android-framework-res"

swift:
	ios_demo/setup_swift.sh

wheel: .venv/ready
	rm -rf dist && $(BIN)/python -m build --wheel --outdir dist . && $(BIN)/python tests/check_wheel.py dist

bench: .venv/ready
	@test -n "$(PHOTOS)" || { echo "say where the test photos are: make bench PHOTOS=folder"; exit 2; }
	$(BIN)/python -m benchmarks.quality $(PHOTOS) $(if $(FEATURES),--features $(FEATURES))
	$(BIN)/python -m benchmarks.gallery $(PHOTOS)
	$(BIN)/python -m benchmarks.qat $(PHOTOS)
	$(if $(LITE),$(BIN)/python -m benchmarks.agreement $(PHOTOS) $(PAINTINGS) --features $(FEATURES) --lite $(LITE) --magenta $(MAGENTA))
	$(if $(MAGENTA),$(BIN)/python -m benchmarks.museum $(PHOTOS) $(PAINTINGS) --magenta $(MAGENTA) --features $(FEATURES))
	$(if $(MAGENTA),$(BIN)/python -m benchmarks.teacher_student $(PAINTINGS) --magenta $(MAGENTA))
	$(if $(PCAKD),$(BIN)/python -m benchmarks.photographic $(PHOTOS) --pcakd $(PCAKD) --features $(FEATURES))
	$(if $(PCAKD),$(BIN)/python -m benchmarks.photographic_sheet $(PHOTOS) --pcakd $(PCAKD))
	$(if $(STYLEGAN),$(BIN)/python -m benchmarks.generator faces --teacher $(STYLEGAN))
	$(BIN)/python -m benchmarks.exports $(PHOTOS)
	$(if $(wildcard .arm64/ready),$(BIN)/python -m benchmarks.independent)
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.speed $(foreach peer,$(PEERS),--peer $(peer))
	$(BIN)/python -m benchmarks.noise
	$(if $(wildcard .node/node_modules/onnxruntime-web),$(BIN)/python -m benchmarks.browser)
	$(BIN)/python -m benchmarks.peers $(if $(MAGENTA),--magenta $(MAGENTA))
	$(BIN)/python -m benchmarks.scaling
	$(BIN)/python -m benchmarks.pareto $(PHOTOS)
	$(BIN)/python -m benchmarks.selfie $(PHOTOS)
	$(BIN)/python -m benchmarks.upscaling $(PHOTOS)
	$(if $(MAGENTA),$(BIN)/python -m benchmarks.learning $(PHOTOS) --magenta $(MAGENTA) $(if $(BASES),--bases $(BASES) --lite $(LITE)))
	$(BIN)/python -m benchmarks.drift $(PHOTOS)
	$(BIN)/python -m benchmarks.taught_files
	$(BIN)/python -m benchmarks.tables

tables: .venv/ready
	$(BIN)/python -m benchmarks.tables

# One call with all pins: installed step by step, two tools disagree about typing_extensions.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "edgestyle needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e '.[all,dev]'
	touch $@

clean:
	rm -rf .venv .arm64 .swift out dist build *.egg-info
