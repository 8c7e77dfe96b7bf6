#ifndef ASSAY_TESTS_STORE_FAULT_VFS_H
#define ASSAY_TESTS_STORE_FAULT_VFS_H

/* A VFS below SQLite that fails on purpose. It counts every call that changes a file (write, truncate, sync, delete); the `at`-th one fails, once or
 * from then on. It also knows what a power cut would leave: what was synced, and any subset of what was not. */

#include <stdbool.h>
#include <stdint.h>

enum fault_kind { FAULT_NONE, FAULT_FULL, FAULT_IO, FAULT_CUT /* all calls fail from here on, as after a power cut */ };

/* Becomes the default VFS; everything opened from now on goes through it. One at a time. */
void fault_install(void);
void fault_uninstall(void);
void fault_arm(enum fault_kind kind, int64_t at, bool for_ever); /* at counts from 1; forgets what was seen before */
bool fault_happened(void);
int64_t fault_calls(void);
int64_t fault_syncs(void); /* of these */

/* Writes to `dir` the files as a power cut would leave them now: of what was written since the last sync of its file, each piece is there, or only its
 * place in the file, or not, as `seed` says. Only file names are kept, the folders are dropped. */
void fault_leave(const char *dir, uint64_t seed);

#endif
