"""The shipped face models: one file is one model, named after the file."""
