"""Message text and dates as HTML."""
