/* The floor under requests: libcurl's multi interface as its manual shows it, and nothing else. Sends the bodies of a file in turns, a line each
 * ("POST /v2/call {...}"), CONNECTIONS at a time over connections that are kept, until N requests were answered with 200. Checks the status only.
 * Prints the microseconds it took.
 * usage: floor_http URL N CONNECTIONS FILE          URL: http://127.0.0.1:PORT */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

enum { MAX_LINES = 64, LINE_BYTES = 1 << 20, URL_BYTES = 4096 };

struct request {
    char *method, *path, *body;
};

struct slot {
    CURL *easy;
    size_t received;
};

static struct request requests[MAX_LINES];
static size_t request_count;
static struct curl_slist *headers;
static const char *base;

static long long now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void give_up(const char *what)
{
    (void)fprintf(stderr, "floor_http: %s\n", what);
    exit(2);
}

static void read_requests(const char *path)
{
    static char line[LINE_BYTES];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        give_up(path);
    }
    while (request_count < MAX_LINES && fgets(line, sizeof(line), file) != NULL) {
        struct request *r = &requests[request_count++];
        line[strcspn(line, "\n")] = '\0';
        r->method = strdup(line);
        r->path = strchr(r->method, ' ');
        r->body = r->path == NULL ? NULL : strchr(r->path + 1, ' ');
        if (r->body == NULL) {
            give_up("a line is METHOD PATH BODY");
        }
        *r->path++ = '\0';
        *r->body++ = '\0';
    }
    (void)fclose(file);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
static size_t take(char *data, size_t size, size_t count, void *user)
{
    struct slot *slot = user;
    (void)data;
    slot->received += size * count;
    return size * count;
}

static void begin(CURLM *multi, struct slot *slot, size_t number)
{
    char url[URL_BYTES];
    const struct request *r = &requests[number % request_count];
    (void)snprintf(url, sizeof(url), "%s%s", base, r->path);
    (void)curl_easy_setopt(slot->easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(slot->easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDS, r->body);
    (void)curl_easy_setopt(slot->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(r->body));
    (void)curl_easy_setopt(slot->easy, CURLOPT_CUSTOMREQUEST, strcmp(r->method, "POST") == 0 ? NULL : r->method);
    slot->received = 0;
    if (curl_multi_add_handle(multi, slot->easy) != CURLM_OK) {
        give_up("curl_multi_add_handle");
    }
}

static void check(CURL *easy, CURLcode code)
{
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200) {
        give_up(code == CURLE_OK ? "a status that is not 200" : curl_easy_strerror(code));
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        give_up("usage: floor_http URL N CONNECTIONS FILE");
    }
    size_t wanted = strtoull(argv[2], NULL, 10);
    size_t at_once = strtoull(argv[3], NULL, 10);
    base = argv[1];
    read_requests(argv[4]);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)at_once);
    static const char *const lines[] = {"Accept: application/json", "Expect:", "Content-Type: application/json",
                                        "Authorization: Bearer op-0123456789abcdef"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        headers = curl_slist_append(headers, lines[i]);
    }
    long long began_us = now_us();
    size_t begun = 0;
    size_t ended = 0;
    struct slot *slots = calloc(at_once, sizeof(*slots));
    for (; begun < at_once && begun < wanted; begun++) {
        struct slot *slot = &slots[begun];
        slot->easy = curl_easy_init();
        (void)curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
        (void)curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
        (void)curl_easy_setopt(slot->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        (void)curl_easy_setopt(slot->easy, CURLOPT_HTTPHEADER, headers);
        (void)curl_easy_setopt(slot->easy, CURLOPT_WRITEFUNCTION, take);
        (void)curl_easy_setopt(slot->easy, CURLOPT_WRITEDATA, slot);
        begin(multi, slot, begun);
    }
    while (ended < wanted) {
        int running = 0;
        int left = 0;
        CURLMsg *message = NULL;
        (void)curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            struct slot *slot = NULL;
            CURLcode code = message->data.result;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &slot);
            check(slot->easy, code);
            (void)curl_multi_remove_handle(multi, slot->easy);
            ended++;
            if (begun < wanted) {
                begin(multi, slot, begun++);
            }
        }
        if (ended < wanted) {
            (void)curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
    }
    (void)printf("%lld\n", now_us() - began_us);
    return 0;
}
