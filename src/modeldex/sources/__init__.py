"""Where facts come from: each module translates one format, nothing else."""
