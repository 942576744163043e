"""Run exported files. No module here imports torch when it is loaded."""
