"""Using what was trained: coloring photos, on a page too, scoring on other pictures, exporting."""
