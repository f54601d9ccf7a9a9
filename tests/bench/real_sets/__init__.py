"""Real tables from Python packages: starter networks beside linear models and boosted trees."""
