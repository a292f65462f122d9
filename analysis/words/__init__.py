"""Words that people wrote: which of them count as one, and who corrected that."""
