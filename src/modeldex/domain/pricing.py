"""The vocabulary of prices: meters, and what no amount means.

The price of a model is `domain.model.Pricing`, which the first answer of a program
loads; here is what only the files and their import need.
"""

# USD per 1,000,000 tokens of each kind
METERS = (
    "input",
    "output",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "reasoning",
    "input_audio",
    "output_audio",
    "input_image",
    "output_image",
)
# what a model without amounts may state instead; otherwise its price is unknown
STATES = ("free", "included", "variable")
