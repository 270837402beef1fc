"""What every version of the contract has in common; `v1` and `v2` have only what is different in them."""
