"""What a planned day is written as: for programs, for spreadsheets, for paper, for the screen."""
