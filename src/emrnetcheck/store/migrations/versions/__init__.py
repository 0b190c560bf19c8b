"""One module per schema. A released one is never changed."""
