#ifndef ASSAY_TESTS_SERVE_WIRE_CLIENT_H
#define ASSAY_TESTS_SERVE_WIRE_CLIENT_H

/* A client that sends any bytes: sockets, and answers as they come. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct client_answer {
    unsigned status; /* 0 = the connection ended without a whole answer */
    struct str head, body;
    bool is_closed; /* the other end closed after it */
};

int client_connect(uint16_t port);          /* ends the program when it cannot */
void client_send(int fd, struct str bytes); /* what the other end does not take is left */

/* The next answer; waits up to `wait_ms` for it, and, with `until_closed`, for the connection to end. */
struct client_answer client_read(struct arena *arena, int fd, int wait_ms, bool until_closed);

/* One request, one answer, with Host, a key and what `headers` adds ("A: b\r\n"). */
struct client_answer client_request(struct arena *arena, int fd, uint16_t port, const char *method, const char *path,
                                    const char *headers, struct str body);

/* The text of a member of a JSON body, found by its name; ptr NULL = none. */
struct str client_member(struct str body, const char *name);

#endif
