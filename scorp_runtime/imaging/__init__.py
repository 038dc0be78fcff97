"""Steps after drawing: resizing, effects and ink boxes."""
