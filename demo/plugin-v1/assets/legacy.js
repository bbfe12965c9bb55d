// Left out of the next version.
