"""What recorded results say: comparisons, statistics, figures, reports."""
