"""Speed and memory against peers in the same run: medians and ratios, never a timed test."""
