"""Work over layers and sources: functions and their reports."""
