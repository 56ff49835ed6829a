"""The data types: frozen dataclasses and enums without input, output or solver."""
