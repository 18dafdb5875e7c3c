"""Sources of metals' prices."""
