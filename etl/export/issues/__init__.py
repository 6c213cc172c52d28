"""Issues in bulk as files: streamed, so that a million take no more memory than a thousand."""
