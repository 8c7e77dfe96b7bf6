#include "tests/serve/wire_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/num.h"

enum { ANSWER_BYTES = 256 << 20, WAIT_MS = 30000 };

int client_connect(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        perror("connect");
        exit(1);
    }
    return fd;
}

void client_send(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return;
        }
        bytes = str_slice(bytes, (size_t)sent, bytes.len);
    }
}

/* The value of a header; ptr NULL = none. */
static struct str header_of(struct str head, const char *name)
{
    struct str line;
    size_t len = strlen(name);
    while (str_split(&head, '\n', &line)) {
        if (line.len > len && line.ptr[len] == ':' && strncasecmp(line.ptr, name, len) == 0) {
            return str_trim(str_slice(line, len + 1, line.len));
        }
    }
    return STR_NULL;
}

/* Where the body of an answer ends, in what was read so far; 0 = not yet. Chunks are put together in `body`. */
static size_t end_of_body(struct str head, struct str text, struct buf *body)
{
    struct str length = header_of(head, "Content-Length");
    size_t bytes = 0;
    buf_clear(body);
    if (length.ptr != NULL && num_parse_size(length, &bytes)) {
        buf_append(body, str_slice(text, 0, bytes));
        return text.len >= bytes ? bytes + 1 : 0;
    }
    if (header_of(head, "Transfer-Encoding").ptr == NULL) {
        return 1; /* 204 */
    }
    struct str rest = text;
    for (;;) {
        size_t at = 0;
        if (!str_find(rest, STR("\r\n"), &at)) {
            return 0;
        }
        size_t chunk = (size_t)strtoul(rest.ptr, NULL, 16);
        if (rest.len < at + 2 + chunk + 2) {
            return 0;
        }
        buf_append(body, str_slice(rest, at + 2, at + 2 + chunk));
        rest = str_slice(rest, at + 2 + chunk + 2, rest.len);
        if (chunk == 0) {
            return (size_t)(rest.ptr - text.ptr) + 1;
        }
    }
}

struct client_answer client_read(struct arena *arena, int fd, int wait_ms, bool until_closed)
{
    struct buf text CLEANUP(buf_deinit) = BUF(ANSWER_BYTES);
    struct buf body CLEANUP(buf_deinit) = BUF(ANSWER_BYTES);
    struct client_answer answer = {0};
    char room[1 << 16];
    for (;;) {
        size_t head_len = 0;
        bool has_head = str_find(buf_str(&text), STR("\r\n\r\n"), &head_len);
        struct str head = str_slice(buf_str(&text), 0, head_len);
        if (has_head && answer.status == 0 &&
            end_of_body(head, str_slice(buf_str(&text), head_len + 4, text.len), &body) > 0) {
            answer.status = (unsigned)strtoul(head.ptr + strlen("HTTP/1.1 "), NULL, 10);
            answer.head = arena_str(arena, head);
            answer.body = arena_str(arena, buf_str(&body));
            if (!until_closed) {
                return answer;
            }
        }
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        if (poll(&poller, 1, wait_ms) <= 0) {
            return answer;
        }
        ssize_t got = recv(fd, room, sizeof(room), 0);
        if (got <= 0) {
            answer.is_closed = true;
            return answer;
        }
        buf_append(&text, (struct str){room, (size_t)got});
    }
}

struct client_answer client_request(struct arena *arena, int fd, uint16_t port, const char *method, const char *path,
                                    const char *headers, struct str body)
{
    struct buf text CLEANUP(buf_deinit) = BUF(ANSWER_BYTES);
    buf_printf(&text, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Bearer k\r\n%s", method, path,
               (unsigned)port, headers);
    if (body.ptr != NULL) {
        buf_printf(&text, "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.len);
    }
    buf_append_cstr(&text, "\r\n");
    buf_append(&text, body);
    client_send(fd, buf_str(&text));
    return client_read(arena, fd, WAIT_MS, false);
}

struct str client_member(struct str body, const char *name)
{
    char key[64];
    size_t at = 0;
    size_t end = 0;
    (void)snprintf(key, sizeof(key), "\"%s\":\"", name);
    if (!str_find(body, str_from(key), &at)) {
        return STR_NULL;
    }
    struct str rest = str_slice(body, at + strlen(key), body.len);
    return str_find_char(rest, '"', &end) ? str_slice(rest, 0, end) : STR_NULL;
}
