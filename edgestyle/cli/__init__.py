"""The `edgestyle` command: one file a command, each a few lines over one function of the library."""
