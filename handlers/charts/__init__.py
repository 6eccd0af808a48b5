"""Pictures of what is on record: pure drawing, plain data in, a PNG out."""
