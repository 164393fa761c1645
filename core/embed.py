#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py FILE OUTPUT.c NAME: the bytes of a file as a C array NAME and its NAME_size."""
import sys

source, output, name = sys.argv[1:]
with open(source, "rb") as file:
    data = file.read()
with open(output, "w", encoding="ascii") as file:
    file.write("#include <stddef.h>\n")
    file.write(f"extern const unsigned char {name}[];\nextern const size_t {name}_size;\n")
    file.write(f"const size_t {name}_size = {len(data)};\n")
    file.write(f"const unsigned char {name}[] = {{\n")
    for i in range(0, len(data), 24):
        file.write(",".join(str(byte) for byte in data[i:i + 24]) + ",\n")
    file.write("};\n")
