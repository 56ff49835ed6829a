"""Analysis of recorded results: comparisons, statistics, figures, reports."""
