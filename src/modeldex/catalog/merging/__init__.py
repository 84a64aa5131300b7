"""Claims of several sources, merged field by field into facts."""
