"""The plugin that runs pytest in pytest; nothing else."""

pytest_plugins = ["pytester"]
