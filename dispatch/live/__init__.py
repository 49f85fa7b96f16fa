"""What is true at this moment and kept nowhere: news, last positions, how often somebody asked."""
