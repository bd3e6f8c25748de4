"""This package makes Drift and Report something to look at: terminal, JSON, Markdown, HTML."""
