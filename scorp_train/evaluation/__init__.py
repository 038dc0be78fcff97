"""`scorp-eval`: an honest report on any generator of digits."""
