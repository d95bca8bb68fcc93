"""What the demo data is made of: ids, invented words, both sides' books, and the planted trouble."""
