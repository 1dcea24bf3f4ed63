"""Bytes of a document to text and back, without losing one: strict decoding, and a refusal of what is not text."""

from __future__ import annotations

from ._errors import InputError, UsageError

__all__ = ["check_encoding", "decode", "encode"]

_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF87a", "a GIF picture"),
    (b"GIF89a", "a GIF picture"),
    (b"RIFF", "a RIFF media file"),
    (b"OggS", "an Ogg media file"),
    (b"ID3", "an MP3 file"),
    (b"\x7fELF", "an ELF program"),
    (b"\xca\xfe\xba\xbe", "a compiled class or program"),
    (b"SQLite format 3\x00", "an SQLite database"),
)
"""How files that are no text begin. ``BZh``, ``RIFF``, ``OggS`` and ``ID3`` must be followed by a control byte."""

_NEEDS_CONTROL = frozenset({b"BZh", b"RIFF", b"OggS", b"ID3"})

_NULS_ALLOWED = 8
"""This many NUL bytes are let through in any file; beyond, one in a hundred bytes makes it binary."""

_WIDE = {"utf-16": ("utf-16-le", "utf-16-be"), "utf-32": ("utf-32-le", "utf-32-be")}


def check_encoding(name: str) -> str:
    """Return the normal name of a text encoding.

    Raises:
        UsageError: Python knows no text encoding of this name.
    """
    import codecs

    try:
        b"a".decode(name, "replace")  # refuses codecs that are not of text
        normal = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise UsageError(f"unknown text encoding {name!r}") from error
    return "utf-8" if normal == "utf-8-sig" else normal


def decode(data: bytes, encoding: str) -> tuple[str, str]:
    """Return the text of a document and the codec that turns it back into the very same bytes.

    A byte order mark stays in the text as U+FEFF, line ends stay as they are. ``encoding`` comes from
    :func:`check_encoding`.

    Raises:
        InputError: the data is binary or not in ``encoding``; the message names what was found and the byte offset.
    """
    _refuse_binary(data, encoding)
    codec = encoding
    if encoding in _WIDE:  # these would swallow the byte order mark and write another one
        little, big = _WIDE[encoding]
        codec = big if data.startswith("\ufeff".encode(big)) else little
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        raise InputError(_where(data, error, encoding)) from error
    if codec != "utf-8" and encode(text, codec) != data:  # strict UTF-8 always survives the way back
        raise InputError(f"does not come back the same from {encoding}: the file mixes encodings or forms")
    return text, codec


def encode(text: str, codec: str) -> bytes:
    """Return ``text`` as bytes; InputError where the codec lacks one of its characters."""
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        character = f"{text[error.start]!r} (U+{ord(text[error.start]):04X})"
        raise InputError(f"the restored text has {character}, which {codec} lacks; convert the file first") from error


def _refuse_binary(data: bytes, encoding: str) -> None:
    for magic, what in _MAGIC:
        if data.startswith(magic) and (magic not in _NEEDS_CONTROL or _has_control(data[len(magic) : 16])):
            raise InputError(f"not a text file: this is {what}")
    if encoding.startswith(("utf-16", "utf-32")):
        return
    nuls = data.count(b"\0")
    if nuls > _NULS_ALLOWED and nuls * 100 > len(data):
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        hint = "; it looks like UTF-16, which --encoding utf-16 reads" if wide else ""
        raise InputError(f"not a text file: {nuls:,} of {len(data):,} bytes are NUL{hint}")


def _has_control(data: bytes) -> bool:
    return any(byte < 9 or byte > 126 or 13 < byte < 32 for byte in data)


def _where(data: bytes, error: UnicodeDecodeError, encoding: str) -> str:
    line = data.count(b"\n", 0, error.start) + 1
    found = f"byte 0x{data[error.start]:02X} at offset {error.start:,} (line {line:,})"
    if encoding == "utf-8":
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return f"not valid UTF-8: {found}; it looks like UTF-16, which --encoding utf-16 reads"
        return f"not valid UTF-8: {found}; if it is in another encoding, name it, such as --encoding cp1252"
    return f"not valid {encoding}: {found}"
