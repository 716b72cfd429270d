"""休眠: members whose time rests unused, and who is reminded of it, once."""
