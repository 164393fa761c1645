# SPDX-License-Identifier: MIT
"""A colour profile whose red is sRGB's green, and whose green is its red (ICC.1:2001-04)."""
import struct

# sRGB's, adapted to D50, as s15Fixed16
RED, GREEN, BLUE = (28578, 14581, 912), (25238, 46983, 6361), (9376, 3971, 46799)
WHITE = (63190, 65536, 54061)
CURVE = [(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
         for c in (i / 1023 for i in range(1024))]


def _xyz(values):
    return struct.pack('>4sI3i', b'XYZ ', 0, *values)


def _tags():
    name = b'swapped\0'
    curve = struct.pack(f'>4sII{len(CURVE)}H', b'curv', 0, len(CURVE),
                        *(round(65535 * y) for y in CURVE))
    return {
        b'desc': struct.pack('>4sII', b'desc', 0, len(name)) + name + bytes(78),
        b'cprt': struct.pack('>4sI', b'text', 0) + b'none\0',
        b'wtpt': _xyz(WHITE), b'rXYZ': _xyz(GREEN), b'gXYZ': _xyz(RED), b'bXYZ': _xyz(BLUE),
        b'rTRC': curve, b'gTRC': curve, b'bTRC': curve}


def swapped():
    """The bytes of its file."""
    tags = _tags()
    table, data = struct.pack('>I', len(tags)), b''
    begin = 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += struct.pack('>4sII', name, begin + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    head = struct.pack('>I4xI4s4s4s12x4s28x3I', begin + len(data), 0x02400000, b'mntr', b'RGB ',
                       b'XYZ ', b'acsp', *WHITE)
    return head.ljust(128, b'\0') + table + data
