"""Reads tables of people, CSV or workbook, and says what is wrong in which cell."""
