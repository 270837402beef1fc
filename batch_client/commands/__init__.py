"""The commands of `batchctl`: what is asked for, and how the answer is shown."""
