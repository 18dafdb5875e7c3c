"""Formulas: their texts, what they refer to, and what they come to."""
