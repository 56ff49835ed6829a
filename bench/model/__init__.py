"""The nouns: frozen dataclasses and enums without input, output or solver."""
