"""Fixtures that every test may use; each test has its own key, state and working directory."""
