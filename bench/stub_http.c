/* A server that answers every request with the same words, at once or after a fixed time: what is measured against it is the client. Reads no more of a
 * request than it must; {id} in the answer becomes the id of the span that the path or the body names. Listens on a free port of 127.0.0.1, whose
 * number it prints as its first line; SIGTERM ends it, and it prints how many requests and connections there were. While answers wait for their time
 * it does not sleep: a server elsewhere neither shares a processor with the client nor is late because one has to be woken. Linux.
 * usage: stub_http LATENCY_MS ANSWER */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNS = 4096, READ_BYTES = 64 << 10, IDS = 8, ID_BYTES = 36, ANSWER_BYTES = 8192, EVENTS = 256 };

struct conn {
    int fd, is_open;
    size_t len; /* of what was read and not answered yet */
    char id[ID_BYTES];
    char in[READ_BYTES];
};

static struct conn conns[MAX_CONNS]; /* by descriptor */
static struct {
    long long due_ns;
    int fd;
} waiting[MAX_CONNS]; /* answers that wait for their time, oldest first: all wait equally long */
static size_t first_waiting, last_waiting;
static char answer[ANSWER_BYTES];
static size_t answer_len, id_at[IDS], id_count;
static long long latency_ns;
static unsigned long requests, connections;
static volatile sig_atomic_t is_ending;

static void end_soon(int number)
{
    (void)number;
    is_ending = 1;
}

static void give_up(const char *what)
{
    perror(what);
    exit(2);
}

static long long now_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void make_answer(const char *body)
{
    char text[ANSWER_BYTES];
    size_t len = 0;
    while (*body != '\0' && len + ID_BYTES < sizeof(text)) {
        if (id_count < IDS && strncmp(body, "{id}", 4) == 0) {
            id_at[id_count++] = len;
            memset(text + len, '0', ID_BYTES);
            len += ID_BYTES;
            body += 4;
        } else {
            text[len++] = *body++;
        }
    }
    int head = snprintf(answer, sizeof(answer),
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", len);
    if (head < 0 || (size_t)head + len > sizeof(answer)) {
        give_up("the answer is too long");
    }
    memcpy(answer + head, text, len);
    answer_len = (size_t)head + len;
    for (size_t i = 0; i < id_count; i++) {
        id_at[i] += (size_t)head;
    }
}

static void close_conn(struct conn *c)
{
    (void)close(c->fd);
    c->is_open = 0;
}

static void send_answer(struct conn *c)
{
    char text[ANSWER_BYTES];
    memcpy(text, answer, answer_len);
    for (size_t i = 0; i < id_count; i++) {
        memcpy(text + id_at[i], c->id, ID_BYTES);
    }
    requests++;
    if (send(c->fd, text, answer_len, MSG_NOSIGNAL) != (ssize_t)answer_len) {
        close_conn(c);
    }
}

/* "/v2/spans/ID" of the path, else "id":"ID" of the body. */
static void note_id(struct conn *c, const char *body)
{
    const char *end = memchr(c->in, '\r', c->len);
    const char *path = memmem(c->in, (size_t)(end - c->in), "/spans/", 7);
    const char *id = path != NULL ? path + 7 : NULL;
    if (id == NULL) {
        id = memmem(body, (size_t)(c->in + c->len - body), "\"id\":\"", 6);
        id = id == NULL ? NULL : id + 6;
    }
    if (id != NULL && c->in + c->len - id >= ID_BYTES) {
        memcpy(c->id, id, ID_BYTES);
    }
}

static void receive(struct conn *c)
{
    ssize_t got = recv(c->fd, c->in + c->len, sizeof(c->in) - 1 - c->len, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            close_conn(c);
        }
        return;
    }
    c->len += (size_t)got;
    c->in[c->len] = '\0';
    const char *end = memmem(c->in, c->len, "\r\n\r\n", 4);
    const char *length = end == NULL ? NULL : memmem(c->in, (size_t)(end - c->in), "Content-Length: ", 16);
    size_t wanted = length == NULL ? 0 : strtoul(length + 16, NULL, 10);
    if (end == NULL || (size_t)(c->in + c->len - (end + 4)) < wanted) {
        return;
    }
    note_id(c, end + 4);
    c->len = 0; /* one at a time: nothing follows before its answer */
    if (latency_ns == 0) {
        send_answer(c);
        return;
    }
    waiting[last_waiting % MAX_CONNS].due_ns = now_ns() + latency_ns;
    waiting[last_waiting++ % MAX_CONNS].fd = c->fd;
}

static void answer_due(void)
{
    long long now = first_waiting < last_waiting ? now_ns() : 0;
    for (; first_waiting < last_waiting && waiting[first_waiting % MAX_CONNS].due_ns <= now; first_waiting++) {
        struct conn *c = &conns[waiting[first_waiting % MAX_CONNS].fd];
        if (c->is_open) {
            send_answer(c);
        }
    }
}

static void accept_one(int listener, int epoll)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (fd >= MAX_CONNS) {
        (void)close(fd);
        return;
    }
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    conns[fd].fd = fd;
    conns[fd].is_open = 1;
    conns[fd].len = 0;
    memset(conns[fd].id, '0', ID_BYTES);
    connections++;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int open_listener(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&address, sizeof(address)) != 0 || listen(fd, MAX_CONNS) != 0 ||
        getsockname(fd, (struct sockaddr *)(void *)&address, &len) != 0) {
        give_up("listen");
    }
    (void)printf("%u\n", (unsigned)ntohs(address.sin_port));
    (void)fflush(stdout);
    return fd;
}

static void wait_for(int epoll, int listener)
{
    struct epoll_event events[EVENTS];
    int got = epoll_wait(epoll, events, EVENTS, first_waiting < last_waiting ? 0 : 1000);
    for (int i = 0; i < got; i++) {
        if (events[i].data.fd == listener) {
            accept_one(listener, epoll);
        } else if (conns[events[i].data.fd].is_open) {
            receive(&conns[events[i].data.fd]);
            answer_due();
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: stub_http LATENCY_MS ANSWER\n");
        return 2;
    }
    latency_ns = strtoll(argv[1], NULL, 10) * 1000000;
    make_answer(argv[2]);
    const struct sigaction action = {.sa_handler = end_soon};
    (void)sigaction(SIGTERM, &action, NULL);
    int listener = open_listener();
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    (void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    while (!is_ending) {
        wait_for(epoll, listener);
        answer_due();
    }
    (void)printf("%lu requests, %lu connections\n", requests, connections);
    return 0;
}
