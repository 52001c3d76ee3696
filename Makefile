# Every target builds what it needs: on a fresh Debian 12 with Python 3.11, python3-venv, git and make,
# `make demo` and `make test` are the only two commands to know.

# Modules are compiled once, whatever the shell says: a command that compiles 300 of ours takes half again its time.
export PYTHONDONTWRITEBYTECODE :=

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
CHROMIUM := $(shell command -v chromium || command -v chromium-browser)
NPM      := $(shell command -v npm)

.PHONY: help install demo check test lint coverage mutants lock node clean bench-render bench-send bench-scale soak gallery grammar house bench-markup bench-start bench-move bench-rows bench-ledger bench-flood bench-doors bench-lsp bench-studio

help:
	@echo "make demo          compose, approve and send the first letter of each publication, in its languages, to a loopback SMTP server"
	@echo "make check         lint, types, import rules and the tests that are not slow: under two minutes"
	@echo "make test          lint, types, import rules and every test; one room's: make test ROOM=issue"
	@echo "make coverage      which lines and branches the tests reach, room by room"
	@echo "make mutants       ROOM=paywall: mistakes written into it, one at a time: do its tests notice?"
	@echo "make install       .venv with the command, ready to use: $(BIN)/filigrane"
	@echo "make lint          ruff, mypy --strict, import-linter"
	@echo "make grammar       the tables of blocks in docs/grammar.md, from the models"
	@echo "make house         sizes, names defined twice, words of docstrings and comments, import circles"
	@echo "make gallery       pictures of the five sample letters (four issues, one also in English) in both themes, in var/gallery (needs Chromium)"
	@echo "make bench-markup  what an editor types beyond what is printed, issue by issue"
	@echo "make bench-start   what a command costs from its start to its end, beside mjml and juice where npm is"
	@echo "make bench-render  what a letter costs, stage by stage, beside mjml and juice where npm is"
	@echo "make bench-send    messages a second to smtp-sink, on SQLite and PostgreSQL, beside nodemailer, aiosmtplib and smtp-source where they are"
	@echo "make bench-ledger  what an outcome costs the ledger by its kind, on SQLite and PostgreSQL"
	@echo "make bench-scale   importing, enqueuing, sending: from ten thousand readers to a million (needs smtp-sink)"
	@echo "make bench-move    a million rows of another platform moved in: how long, how much memory, how long the write lock is held"
	@echo "make bench-rows    memory of deliveries and mailings at a million rows; how long forget keeps the write lock"
	@echo "make bench-flood   letters a second while strangers flood the pages, beside the same flood of another server"
	@echo "make bench-doors   letters read online, a second; 10,000 one-click posts, 200 at once; letters a second while strangers sign up"
	@echo "make bench-lsp     what a key costs in a text editor, beside yaml-language-server where npm is"
	@echo "make bench-studio  what a key costs in the studio, a sentence left, the first page, and five hundred issues"
	@echo "make soak          the slow tests at full length; 200 kills, 50,000 readers, a bad relay, on SQLite and PostgreSQL"
	@echo "make node          tests/node/node_modules: axe-core, and the reference mjml and juice (needs npm)"
	@echo "make lock          resolve requirements/*.txt again (needs uv)"

install: $(VENV)/.run

$(VENV)/.run: requirements/run.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { \
	  echo "no virtual environment could be made; on Debian: apt install python3-venv" >&2; exit 3; }
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

# Playwright only drives the system's Chromium, so it is fetched only where there is one.
$(VENV)/.browser: requirements/browser.txt $(VENV)/.test
	$(PIP) install --require-hashes -r requirements/browser.txt
	@touch $@

# mutmut, for `make mutants` alone.
$(VENV)/.mutants: requirements/mutants.txt $(VENV)/.test
	$(PIP) install --require-hashes -r requirements/mutants.txt
	@touch $@

node: tests/node/node_modules/.built

tests/node/node_modules/.built: tests/node/package-lock.json
	cd tests/node && npm ci --silent
	@touch $@

demo: $(VENV)/.run
	$(BIN)/filigrane demo

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/pytest -n auto -m "not slow"

# ROOM, a folder of tests/: its tests alone, in one process, without lint and types.
test: $(if $(ROOM),,lint) $(VENV)/.test $(if $(CHROMIUM),$(VENV)/.browser) $(if $(NPM),node)
	$(BIN)/pytest $(if $(ROOM),-n 0 tests/$(ROOM),-n $(shell expr $$(nproc) + 2))

coverage: $(VENV)/.test $(if $(CHROMIUM),$(VENV)/.browser) $(if $(NPM),node)
	$(BIN)/pytest -n auto --cov

mutants: $(VENV)/.mutants
	$(BIN)/python -m bench.mutants $(ROOM)

grammar: $(VENV)/.test
	$(BIN)/python -m bench.grammar

house: $(VENV)/.test
	$(BIN)/python -m bench.house

gallery: $(VENV)/.browser
	$(BIN)/python -m bench.gallery

bench-markup: $(VENV)/.test
	$(BIN)/python -m bench.markup

bench-start: $(VENV)/.test $(if $(NPM),node)
	$(BIN)/python -m bench.start

bench-render: $(VENV)/.test $(if $(NPM),node)
	$(BIN)/python -m bench.render

bench-send: $(VENV)/.test $(if $(NPM),node)
	$(BIN)/python -m bench.send

bench-ledger: $(VENV)/.test
	$(BIN)/python -m bench.ledger

bench-scale: $(VENV)/.test
	$(BIN)/python -m bench.scale

bench-move: $(VENV)/.test
	$(BIN)/python -m bench.move_in

bench-rows: $(VENV)/.test
	$(BIN)/python -m bench.rows

bench-flood: $(VENV)/.test
	$(BIN)/python -m bench.flood

bench-doors: $(VENV)/.test
	$(BIN)/python -m bench.doors
	$(BIN)/python -m bench.rush

bench-studio: $(VENV)/.test $(VENV)/.browser
	$(BIN)/python -m bench.studio

bench-lsp: $(VENV)/.test $(if $(NPM),node)
	$(BIN)/python -m bench.lsp

soak: $(VENV)/.test
	FILIGRANE_WHOLE=1 $(BIN)/pytest -n auto -m slow
	$(BIN)/python -m bench.soak

lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  pyproject.toml --group build -o requirements/run.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  pyproject.toml --extra lsp --group build --group test -o requirements/test.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  -c requirements/test.txt --group browser -o requirements/browser.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  -c requirements/test.txt --group mutants -o requirements/mutants.txt

clean:
	rm -rf $(VENV) var tests/node/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
