"""Files that people take away: tables, a calendar, IATI activities. What is withheld is in none of them."""
