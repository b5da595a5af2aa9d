# Toutes les tâches passent par tests/tasks.py, qui marche aussi sous Windows.
PYTHON ?= python3

.PHONY: aide serve test build pdf audit outputs bench
aide:
	@$(PYTHON) tests/tasks.py aide
serve test build pdf audit outputs bench:
	@$(PYTHON) tests/tasks.py $@ -- $(ARGS)
