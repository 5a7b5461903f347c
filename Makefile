# Two commands do everything: `make demo` builds whc and the star of this folder, `make test` proves it.
# `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
WHC := .build/release/whc
# What the tester's settings say of servers, proxies and repositories is not for the tests.
WITHOUT_SETTINGS := env $(shell compgen -e | grep -iE '^(PG|DBT_|GIT_|CURL_|(http|https|all|no)_proxy$$)' | sed 's/^/-u /')

# Homebrew's headers and libraries stand where the compiler does not look by itself.
ifeq ($(shell uname),Darwin)
export CPATH := $(shell brew --prefix)/include:$(CPATH)
export LIBRARY_PATH := $(shell brew --prefix)/lib:$(LIBRARY_PATH)
endif

.PHONY: help setup setup-tests release demo test check format goldens bench readers compare lineage-compare redshift-stand-in redshift-compare clean

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 19

setup: ## Install what is missing (libpq, libpg_query, a PostgreSQL server)
	@scripts/setup

setup-tests:
	@scripts/setup --tests

release: setup ## Build the release binary
	swift build -c release --product whc --static-swift-stdlib

demo: release ## Build and document this folder's star on the embedded PostgreSQL
	$(WHC) build
	$(WHC) docs
	@scripts/where-is-the-star $(WHC)

# The end-to-end tests run the release binary, the one that people run.
test: setup-tests release ## Run the whole test suite on a private PostgreSQL
	@$(WITHOUT_SETTINGS) scripts/test-redshift-stand-in $(WHC)
	swift build --build-tests
	$(WITHOUT_SETTINGS) SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 WHC_TEST_BINARY="$(CURDIR)/$(WHC)" swift test --skip-build

check: setup-tests ## Everything that is asked of a change: lint, then the tests
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	$(MAKE) test

format: ## Format the sources
	swift format --in-place --recursive --parallel Package.swift Sources Tests

goldens: ## Rewrite the golden files; read the diff before you commit it
	scripts/update-goldens

bench: release ## Run the benchmarks (see Benchmarks/README.md)
	Benchmarks/run

redshift-stand-in: setup-tests release ## Test the stand-in for Redshift, and whc's build through it
	@$(WITHOUT_SETTINGS) scripts/test-redshift-stand-in $(WHC)

redshift-compare: release ## Build a project with dbt-redshift and with whc through the stand-in and compare (installs dbt; minutes)
	scripts/compare-redshift

readers: release ## Prove that programs which read dbt's artifacts read whc's (installs them; minutes)
	scripts/prove-readers

compare: release ## Run public projects with the real dbt and with whc, and say what differs (fetches them; an hour)
	scripts/compare-public-projects $(PROJECTS)

lineage-compare: release ## Hold the lineage of columns against sqlglot's, and their types against PostgreSQL's (installs sqlglot)
	scripts/compare-lineage $(PROJECT) $(PROFILES)

clean: ## Remove what was built; the embedded database stays
	rm -rf .build target logs
