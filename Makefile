# Every target sets up what it needs; nothing else has to be typed first.
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint coverage bench soak screenshots package lock clean
ifeq ($(OS),Windows_NT)
PYTHON := .venv/Scripts/python.exe
else
PYTHON := .venv/bin/python
endif
OFFSCREEN := QT_QPA_PLATFORM=offscreen

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.ready ## the virtual environment, and the system libraries that Qt wants

.venv/.ready: requirements.lock pyproject.toml installer/setup.sh
	sh installer/setup.sh

demo: setup ## make the demo clinic, do the main job on it, show what came out
	$(PYTHON) -m app demo --out out --window

test: setup ## all tests
	$(OFFSCREEN) $(PYTHON) -m pytest -q -n 2 --dist loadfile

lint: setup ## style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

coverage: setup ## the rules and the paper are tested in every branch
	$(OFFSCREEN) $(PYTHON) -m pytest -q -n 2 --dist loadfile tests/billing tests/forms tests/test_mutations.py tests/ui/test_reports_page.py \
		--cov=app.billing --cov=app.forms --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

bench: setup ## speed, as ratios measured in one run
	$(OFFSCREEN) $(PYTHON) -m tests.bench

soak: setup ## the long proof
	$(OFFSCREEN) $(PYTHON) -m pytest -q tests/soak -m soak -o addopts="" -s

screenshots: setup ## pictures of every screen, light and dark
	$(OFFSCREEN) $(PYTHON) -m tests.screenshots out/screenshots

package: setup ## the frozen program and its packages in dist/, tried in a clean Debian where that can be made
	$(PYTHON) installer/build.py
	@[ ! -f dist/*.deb ] || sh installer/try_deb.sh dist/*.deb dist/window.png

lock: ## pin and hash what pyproject.toml asks for
	sh installer/lock.sh

clean: ## remove what the targets made
	rm -rf .venv out build dist
