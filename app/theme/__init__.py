"""Colors, style sheet, fonts and icons."""
