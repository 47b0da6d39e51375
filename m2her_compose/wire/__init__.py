"""What goes over the wire: requests, answers and stream events, their URLs and codes.

Nothing is gathered here: compiling needs `requests` alone, and must not import the rest.
"""

__all__: list[str] = []
