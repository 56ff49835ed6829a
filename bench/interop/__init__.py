"""The field's file formats, in and out."""
