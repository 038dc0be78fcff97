"""Export of an exact model as portable C99: the same pixels on devices without Python."""
