"""What happens after drawing: resizing, effects and ink."""
