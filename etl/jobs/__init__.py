"""What is made in the background, by a process that the worker starts."""
