# make demo   the main job on the embedded example
# make test   lint, types and tests (under 10 minutes on 2 cores)
# make bench  the benchmarks of the README, in one run (about ten minutes)
# make soak   long runs: fuzzing, and every kind repaired and taken back on every release
# make translations   take new sentences into the catalogues, compile them, list what is untranslated
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
RUN    := $(BIN)/python -m

.PHONY: demo test lint types check bench soak expected translations clean

demo: $(READY)
	$(BIN)/driftsync demo

test: $(READY) lint types check

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

check: $(READY)
	$(RUN) pytest -n 2 --dist loadgroup

bench: $(READY)
	$(BIN)/pip install --quiet --editable ".[bench]"
	$(RUN) pytest tests/benchmarks -o addopts="--strict-markers" -m bench --benchmark-columns=min,median,max,rounds -s

soak: export HYPOTHESIS_PROFILE = soak
soak: $(READY)
	$(RUN) pytest -m soak -n 2

expected: $(READY)
	$(RUN) pytest -n 2 --dist loadgroup tests/test_formats.py tests/test_kinds.py tests/test_kinds_rendered.py tests/test_plan_command.py tests/test_readme.py tests/test_rehearsing.py tests/test_schemas.py tests/test_thirty_nights.py --update-expected

translations: $(READY)
	$(RUN) tests.translations

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $(READY)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
