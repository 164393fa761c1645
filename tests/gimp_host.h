/* SPDX-License-Identifier: MIT
 *
 * A host in memory, for the body of the plug-in alone: images, layers and their
 * parasites, as much of GIMP as host.h tells of.  All fake_… is what a user does to
 * them. */
#ifndef NCA_TEST_GIMP_HOST_H
#define NCA_TEST_GIMP_HOST_H

#include "../gimp-plugin/host.h"

/* On top of a new image of that size. */
gint32 fake_layer(const char *name, gint width, gint height);

void fake_select(gint32 image, GeglRectangle part);     /* of the image; empty: nothing */
void fake_scale(gint32 layer, gint width, gint height); /* its pixels are lost */
void fake_move(gint32 layer, gint x, gint y);
void fake_lock(gint32 layer);
void fake_index(gint32 image);     /* it has a palette */
void fake_close(gint32 image);     /* its layers go, too */
void fake_delete(gint32 drawable); /* a layer goes */
gint fake_layers(gint32 image);    /* how many it has */
gint32 fake_newest(gint32 image);  /* of its layers */
gint32 fake_above(gint32 layer);   /* what it was made to lie on */
gboolean fake_is_shown(gint32 image);
void fake_meanwhile(
    void (*what)(void));    /* is done while a procedure works; NULL: nothing */
gint fake_undo_depth(void); /* of groups that are open; 0 but while a procedure works */
const char *fake_message(void); /* the last; "" */
gint fake_messages(void);       /* how many there were */

/* All of it goes; what is open or left over is told by a failed CHECK. */
void fake_end(void);

#endif
