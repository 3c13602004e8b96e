"""Run the commands that a Markdown page shows, and keep the proof."""
