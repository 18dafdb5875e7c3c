"""What the benchmarks beside this folder share: the local world, the ways of handing out, tables and pictures."""
