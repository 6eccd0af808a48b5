"""Import of CSV and XLSX files: validated row by row, recorded all or not at all."""
