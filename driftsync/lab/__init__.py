"""This package is a stand-in mirror: simulated members on loopback, for the unmodified driver to talk to."""
