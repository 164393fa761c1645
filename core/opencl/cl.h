/* SPDX-License-Identifier: MIT
 *
 * The inside of core/opencl: devices, programs, buffers. */
#ifndef NCA_CL_H
#define NCA_CL_H

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include "opencl.h"

/* A device with what is asked of it once. */
typedef struct NcaClDevice {
    cl_platform_id platform;
    cl_device_id id;
    cl_context context;
    cl_command_queue queue;
    char name[128], driver[128], version[128];
    bool is_cpu;
    cl_uint units;
    size_t group_most, local_bytes;
    uint64_t memory, allocation_most;
} NcaClDevice;

/* Finds it by NcaGridParams.device, with a queue in order.  NCA_ERR_DEVICE. */
NcaStatus nca_cl_device_open(NcaClDevice *device, int which, NcaError *error);
void nca_cl_device_close(NcaClDevice *device);

/* NCA_OK for CL_SUCCESS; else fills the error: "NAME: could not DO: out of resources
 * (-5)".  Lack of memory on the device is NCA_ERR_DEVICE, too: the CPU may have it. */
NcaStatus nca_cl_status(const NcaClDevice *device, cl_int code, const char *what,
                        NcaError *error);

/* program.c: kernels, built with options, those of a shape for all but the last, or taken
 * from the cache. */
typedef enum NcaClSources {
    NCA_CL_STEP,
    NCA_CL_TRAIN, /* and the way back */
    NCA_CL_PEAK,
} NcaClSources;

NcaStatus nca_cl_program_new(cl_program *program, const NcaClDevice *device,
                             const char *options, NcaClSources sources, NcaError *error);
NcaStatus nca_cl_kernel_new(cl_kernel *kernel, const NcaClDevice *device,
                            cl_program program, const char *name, NcaError *error);

/* cache.c: what a device built, under a name of its own in $XDG_CACHE_HOME/nca or
 * $HOME/.cache/nca.  read: NULL where there is none or it is damaged; free(…) is the
 * caller's.  A cache that can't be written is none. */
void *nca_cl_cache_read(const char *key, size_t *size);
void nca_cl_cache_write(const char *key, const void *data, size_t size);

/* layout.c: what a shape is to the kernels. */
typedef struct NcaClLayout {
    NcaShape shape;
    NcaEdge edge;
    int quads;   /* float4 of a cell */
    int inputs;  /* of the network */
    int hidden4; /* float4 of hidden units */
    int chunk;   /* of those whose weights are taken up at once */
    int group, cells;
    bool local_weights, local_cells; /* those, and a tile's cells, are in local memory */
} NcaClLayout;

NcaClLayout nca_cl_layout(const NcaClDevice *device, const NcaShape *shape, NcaEdge edge,
                          const NcaClTuning *tuning);

/* Options of the compiler for it. */
void nca_cl_layout_options(const NcaClLayout *layout, const NcaClDevice *device,
                           char *options, size_t size);

/* Floats of a network on the device: w1 [hidden4][inputs][4], w2 [hidden4·4][quads][4],
 * b1 [hidden4][4], b2 [quads][4]. */
size_t nca_cl_network_size(const NcaClLayout *layout);
void nca_cl_network_pack(const NcaClLayout *layout, const NcaNetwork *network,
                         float *packed);

/* Between that and the tensors in the model's own layout; one that there is not may be
 * NULL. */
void nca_cl_tensors_pack(const NcaClLayout *layout, float *const *tensor, float *packed);
void nca_cl_tensors_unpack(const NcaClLayout *layout, float *packed,
                           float *const *tensor);

/* Between [cells][channels] and [cells][quads·4]. */
void nca_cl_cells_pack(const NcaClLayout *layout, const float *state, size_t cells,
                       float *packed);
void nca_cl_cells_unpack(const NcaClLayout *layout, const float *packed, size_t cells,
                         float *state);

/* ----------------------------------------------------------------- machine */

/* Size of cells.cl. */
typedef struct NcaClSize {
    cl_int width, height, tiles_x, tiles_y, world;
} NcaClSize;

/* States of all worlds at one time; for each tile, how many of its cells live; and what
 * became of the cells in the step that led there. */
typedef struct NcaClSlot {
    cl_mem state, lives, marks;
} NcaClSlot;

/* A device with the kernels for a shape, and what steps need besides slots. */
typedef struct NcaClMachine {
    NcaClDevice device;
    NcaClLayout layout;
    NcaClSize size;             /* of world 0 on */
    int count;                  /* worlds */
    size_t cells, tiles, bytes; /* of one world; bytes of its state */
    cl_program program;
    cl_kernel update, live;
    cl_mem alpha, network, seed;
    float *packed; /* of a world, or of a network */
    uint8_t *mark; /* of a world */
} NcaClMachine;

/* All zero before; uninit accepts that, and what a failed init leaves. */
NcaStatus nca_cl_machine_init(NcaClMachine *machine, const NcaClWorldsParams *params,
                              NcaClSources sources, NcaError *error);
void nca_cl_machine_uninit(NcaClMachine *machine);

/* Memory on the device, all 0. */
NcaStatus nca_cl_buffer_new(cl_mem *buffer, const NcaClMachine *machine, size_t bytes,
                            NcaError *error);
void nca_cl_buffer_free(cl_mem *buffer);

/* Empty.  marks: NULL, or those of another slot, where nobody looks back. */
NcaStatus nca_cl_slot_init(NcaClSlot *slot, const NcaClMachine *machine, cl_mem marks,
                           NcaError *error);
void nca_cl_slot_uninit(NcaClSlot *slot);

/* All of these return CL_SUCCESS or what failed; write and read wait. */
cl_int nca_cl_write(const NcaClMachine *machine, cl_mem buffer, size_t at, size_t bytes,
                    const void *data);
cl_int nca_cl_read(const NcaClMachine *machine, cl_mem buffer, size_t at, size_t bytes,
                   void *data);

/* The slot's state of that world was changed: any of its tiles may hold life, so the next
 * step from it leaves none out. */
cl_int nca_cl_slot_changed(const NcaClMachine *machine, const NcaClSlot *slot, int world);

/* One step of worlds first … first+count-1, into the other slot. */
cl_int nca_cl_step(const NcaClMachine *machine, const NcaClSlot *from,
                   const NcaClSlot *to, int first, int count, int64_t step,
                   uint32_t limit);

/* Sets all arguments of a kernel, each a pointer and a size, up to a NULL. */
cl_int nca_cl_arguments(cl_kernel kernel, ...);
#define NCA_CL_ARGUMENT(value) &(value), sizeof(value)

/* TILE, BLOCK and LIVES of the kernels. */
enum { NCA_CL_TILE = 16 }; /* cells of a side of what a group works on */
enum { NCA_CL_BLOCK = 8 }; /* rows of weights that a work-item sums at once */
enum { NCA_CL_LIVES = 4 }; /* mark of a cell that lives */

#endif
