"""The architectures of the shipped face networks, as plain torch modules."""
