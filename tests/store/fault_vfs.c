#include "tests/store/fault_vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/rng.h"
#include "tests/check.h"

enum { IMAGES_MAX = 16 };

struct piece { /* written, not synced */
    sqlite3_int64 offset;
    size_t len; /* of a truncation: SIZE_MAX */
    char *bytes;
    struct piece *next;
};

struct image { /* a file as the disk has it */
    char path[512];
    char *bytes;
    size_t len;
    bool is_synced; /* was ever: else a power cut may leave nothing of it */
    struct piece *first, **last;
};

struct fault_file {
    sqlite3_file base;
    struct image *image; /* NULL for temporary files and the shared memory's */
    sqlite3_file *real;
};

static sqlite3_vfs fault_vfs;
static sqlite3_vfs *real_vfs;
static struct image images[IMAGES_MAX];
static size_t image_count, open_files;
static enum fault_kind armed;
static int64_t armed_at, calls, syncs;
static bool armed_for_ever, happened;

/* SQLITE_OK, or what this call fails with. */
static int fault_next(int io_code)
{
    calls++;
    bool fails = armed != FAULT_NONE && (calls == armed_at || (calls > armed_at && armed_for_ever));
    happened |= fails;
    return !fails ? SQLITE_OK : armed == FAULT_FULL && io_code == SQLITE_IOERR_WRITE ? SQLITE_FULL : io_code;
}

/* --- what the disk has -------------------------------------------------------------------------------------------------------------------- */

static struct image *image_of(const char *path)
{
    for (size_t i = 0; i < image_count; i++) {
        if (strcmp(images[i].path, path) == 0) {
            return &images[i];
        }
    }
    if (image_count == IMAGES_MAX || strlen(path) >= sizeof(images[0].path)) {
        return NULL;
    }
    struct image *image = &images[image_count++];
    *image = (struct image){.last = &image->first};
    (void)snprintf(image->path, sizeof(image->path), "%s", path);
    return image;
}

static void image_grow(char **bytes, size_t *len, size_t end)
{
    if (end > *len) {
        *bytes = realloc(*bytes, end);
        memset(*bytes + *len, 0, end - *len);
        *len = end;
    }
}

static void image_put(char **bytes, size_t *len, const struct piece *p)
{
    size_t end = (size_t)p->offset + (p->len == SIZE_MAX ? 0 : p->len);
    image_grow(bytes, len, end);
    if (p->len == SIZE_MAX) {
        *len = end;
    } else {
        memcpy(*bytes + p->offset, p->bytes, p->len);
    }
}

static void image_drop_pieces(struct image *image)
{
    for (struct piece *p = image->first; p != NULL;) {
        struct piece *next = p->next;
        free(p->bytes);
        free(p);
        p = next;
    }
    image->first = NULL;
    image->last = &image->first;
}

static void image_forget(struct image *image)
{
    image_drop_pieces(image);
    free(image->bytes);
    image->bytes = NULL;
    image->len = 0;
    image->is_synced = false;
}

static void image_write(struct image *image, const void *bytes, size_t len, sqlite3_int64 offset)
{
    struct piece *p = calloc(1, sizeof(*p));
    p->offset = offset;
    p->len = len;
    if (bytes != NULL) {
        p->bytes = malloc(len);
        memcpy(p->bytes, bytes, len);
    }
    *image->last = p;
    image->last = &p->next;
}

static void image_sync(struct image *image)
{
    for (struct piece *p = image->first; p != NULL; p = p->next) {
        image_put(&image->bytes, &image->len, p);
    }
    image_drop_pieces(image);
    image->is_synced = true;
}

void fault_leave(const char *dir, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    for (size_t i = 0; i < image_count; i++) {
        struct image *image = &images[i];
        char *bytes = malloc(image->len + 1);
        size_t len = image->len;
        memcpy(bytes, image->bytes == NULL ? "" : image->bytes, len);
        for (struct piece *p = image->first; p != NULL; p = p->next) {
            if (rng_below(&rng, 2) == 0) {
                image_put(&bytes, &len, p);
            } else if (p->len != SIZE_MAX && rng_below(&rng, 2) == 0) {
                image_grow(&bytes, &len, (size_t)p->offset + p->len);
            }
        }
        if (image->is_synced || len > 0) {
            char path[1024];
            (void)snprintf(path, sizeof(path), "%s/%s", dir, strrchr(image->path, '/') + 1);
            FILE *file = fopen(path, "wb");
            CHECK(path, file != NULL && fwrite(bytes, 1, len, file) == len && fclose(file) == 0);
        }
        free(bytes);
    }
}

/* --- the VFS --------------------------------------------------------------------------------------------------------------------------------- */

static struct fault_file *fault_file(sqlite3_file *file)
{
    return (struct fault_file *)file;
}

static int fault_close(sqlite3_file *file)
{
    struct fault_file *f = fault_file(file);
    int code = f->real->pMethods == NULL ? SQLITE_OK : f->real->pMethods->xClose(f->real);
    open_files--;
    sqlite3_free(f->real);
    f->real = NULL;
    return code;
}

static int fault_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 offset)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xRead(real, bytes, len, offset);
}

static int fault_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
    struct fault_file *f = fault_file(file);
    int code = fault_next(SQLITE_IOERR_WRITE);
    if (code == SQLITE_OK) {
        code = f->real->pMethods->xWrite(f->real, bytes, len, offset);
    }
    if (code == SQLITE_OK && f->image != NULL) {
        image_write(f->image, bytes, (size_t)len, offset);
    }
    return code;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct fault_file *f = fault_file(file);
    int code = fault_next(SQLITE_IOERR_TRUNCATE);
    if (code == SQLITE_OK) {
        code = f->real->pMethods->xTruncate(f->real, size);
    }
    if (code == SQLITE_OK && f->image != NULL) {
        image_write(f->image, NULL, SIZE_MAX, size);
    }
    return code;
}

static int fault_sync(sqlite3_file *file, int flags)
{
    struct fault_file *f = fault_file(file);
    int code = fault_next(SQLITE_IOERR_FSYNC);
    (void)flags; /* the real sync would only take time */
    syncs++;
    if (code == SQLITE_OK && f->image != NULL) {
        image_sync(f->image);
    }
    return code;
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xFileSize(real, ret);
}

static int fault_lock(sqlite3_file *file, int lock)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xLock(real, lock);
}

static int fault_unlock(sqlite3_file *file, int lock)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xUnlock(real, lock);
}

static int fault_reserved(sqlite3_file *file, int *ret)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xCheckReservedLock(real, ret);
}

static int fault_control(sqlite3_file *file, int op, void *arg)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xFileControl(real, op, arg);
}

static int fault_sector(sqlite3_file *file)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xSectorSize(real);
}

static int fault_device(sqlite3_file *file)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xDeviceCharacteristics(real);
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xShmMap(real, page, size, extend, ret);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xShmLock(real, offset, n, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
    sqlite3_file *real = fault_file(file)->real;
    real->pMethods->xShmBarrier(real);
}

static int fault_shm_unmap(sqlite3_file *file, int remove)
{
    sqlite3_file *real = fault_file(file)->real;
    return real->pMethods->xShmUnmap(real, remove);
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_reserved,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_device,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static int fault_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct fault_file *f = fault_file(file);
    (void)vfs;
    open_files++;
    f->base.pMethods = NULL;
    f->image = name == NULL ? NULL : image_of(name);
    f->real = sqlite3_malloc(real_vfs->szOsFile);
    memset(f->real, 0, (size_t)real_vfs->szOsFile);
    int code = real_vfs->xOpen(real_vfs, name, f->real, flags, ret_flags);
    if (code != SQLITE_OK) {
        (void)fault_close(file);
        return code;
    }
    f->base.pMethods = &METHODS;
    return SQLITE_OK;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    int code = fault_next(SQLITE_IOERR_DELETE);
    if (code == SQLITE_OK) {
        code = real_vfs->xDelete(real_vfs, name, sync_dir);
    }
    struct image *image = code == SQLITE_OK ? image_of(name) : NULL;
    if (image != NULL) {
        image_forget(image);
    }
    return code;
}

void fault_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    fault_vfs = *real_vfs;
    fault_vfs.zName = "fault";
    fault_vfs.szOsFile = (int)sizeof(struct fault_file);
    fault_vfs.xOpen = fault_open;
    fault_vfs.xDelete = fault_delete;
    CHECK("install", sqlite3_vfs_register(&fault_vfs, 1) == SQLITE_OK);
}

void fault_uninstall(void)
{
    fault_arm(FAULT_NONE, 0, false);
    CHECK("uninstall", sqlite3_vfs_unregister(&fault_vfs) == SQLITE_OK);
    CHECK("the usual one", sqlite3_vfs_register(real_vfs, 1) == SQLITE_OK);
}

void fault_arm(enum fault_kind kind, int64_t at, bool for_ever)
{
    armed = kind;
    armed_at = at;
    armed_for_ever = for_ever || kind == FAULT_CUT;
    happened = false;
    calls = syncs = 0;
    for (size_t i = 0; i < image_count; i++) {
        image_forget(&images[i]);
    }
    image_count = open_files == 0 ? 0 : image_count; /* open files know their images */
}

bool fault_happened(void)
{
    return happened;
}

int64_t fault_calls(void)
{
    return calls;
}

int64_t fault_syncs(void)
{
    return syncs;
}
