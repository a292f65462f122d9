"""What is explained: one file is one kind of scalar, apart from how it is explained."""
