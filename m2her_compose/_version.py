"""The version, alone in a module so that `--version` and the build need import nothing else."""

__version__ = "0.1.0"
