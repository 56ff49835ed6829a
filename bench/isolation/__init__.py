"""One process per task: launched, limited, measured, cleaned up."""
