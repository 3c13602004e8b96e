"""Measurements of pagelab: what it catches, what it costs."""
