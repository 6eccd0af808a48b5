"""Files that people already have: read as rows, checked row by row, recorded all or not at all."""
