"""``python -m restore`` is the same as the ``restore`` program."""

from ._cli import run

if __name__ == "__main__":
    run()
