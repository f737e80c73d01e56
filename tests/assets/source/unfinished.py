"""A file that somebody saved in the middle of a thought."""


def almost(there:
    return (there
