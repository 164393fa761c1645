/* SPDX-License-Identifier: MIT
 *
 * Where `nca grow` puts its pictures: one PNG, numbered PNGs, or raw RGBA on standard
 * output. */
#ifndef NCA_FRAMES_H
#define NCA_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "nca.h"

typedef enum FramesKind {
    FRAMES_ONE,      /* OUT.png */
    FRAMES_NUMBERED, /* OUT-%04d.png */
    FRAMES_PIPE,     /* - */
} FramesKind;

typedef struct Background {
    bool opaque; /* false: the picture keeps its alpha */
    uint8_t red, green, blue;
} Background;

/* "none" or "#rrggbb" (the # may be missing); an OPTION_READ function. */
bool background_read(const char *text, void *background);

typedef struct Frames {
    FramesKind kind;
    const char *path;
    int width, height; /* of a picture, pixels */
    int zoom;
    Background background;
    uint8_t *cells, *pixels;
    int64_t written;
} Frames;

/* What the path asks for.  False where its % is not one %d or %0Nd; %% stands for %. */
bool frames_kind(const char *path, FramesKind *kind);

/* The size of pictures of a grid of so many cells; kind, path, zoom and background are
 * set before. */
int frames_size(Frames *frames, int columns, int rows);

/* Bytes that frames_open takes. */
uint64_t frames_memory(const Frames *frames);
int frames_open(Frames *frames);

/* Takes the grid as it is now. */
void frames_read(Frames *frames, const NcaGrid *grid);

/* Writes what was read.  EXIT_FAILED without a word where a pipe's reader has gone. */
int frames_write(Frames *frames);
void frames_close(Frames *frames);

#endif
