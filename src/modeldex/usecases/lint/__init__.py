"""Model ids in code and configuration: unknown, deprecated, retiring and retired.

`kinds` says how a file is read, `walk` finds files, `occurrences` finds what may be
an id in a text, `forms` knows how ids look, `judge` holds them against a catalogue,
`report` counts, `baseline` and `sarif` are forms of the findings.
"""
