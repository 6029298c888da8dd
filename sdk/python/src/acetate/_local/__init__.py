"""Finding the store around the current folder and its daemon on this machine, and having one started."""
