"""Sources of coins' prices."""
