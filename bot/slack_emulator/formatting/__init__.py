"""Message text, dates and charts as HTML."""
