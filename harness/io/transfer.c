#include "io/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "io/job.h"
#include "io/retry_after.h"

enum {
    CONNECT_S = 10,
    SLOW_S = 30,
    SLOW_BYTES = 300, /* in SLOW_S: 10 a second */
    HEADER_KEPT_BYTES = 512,
    RECEIVE_BYTES =
        4096, /* libcurl's own 16 KiB are most of what a request takes, and nearly all answers are shorter */
    STATUS_OK = 200,
    STATUS_REDIRECT = 300,
    STATUS_BAD = 400,
    STATUS_THROTTLED = 429,
    STATUS_BROKEN = 500,
    STATUS_UNAVAILABLE = 503
};

static long status_of(const struct transfer *t)
{
    long status = 0;
    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static bool is_success(long status)
{
    return status >= STATUS_OK && status < STATUS_REDIRECT;
}

/* ---- what libcurl calls: with its types, which lack some const */

/* NOLINTNEXTLINE(readability-non-const-parameter) */
static int about_to_send(void *user, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    struct transfer *t = user;
    (void)remote_ip;
    (void)local_ip;
    (void)remote_port;
    (void)local_port;
    t->sends++;
    if (t->sends > 1) {
        return CURL_PREREQFUNC_ABORT;
    }
    t->sent_ns = clock_ns(t->common->clock);
    t->connect_by_ns = INT64_MAX;
    return CURL_PREREQFUNC_OK;
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer_common *common = user;
    (void)purpose;
    int fd = socket(address->family, address->socktype, address->protocol);
    if (fd < 0) {
        common->is_out_of_files = common->is_out_of_files || errno == EMFILE || errno == ENFILE;
        return CURL_SOCKET_BAD;
    }
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

static void note_progress(struct transfer *t, size_t bytes)
{
    t->received_bytes += bytes;
    if (t->slow_at_ns == INT64_MAX) { /* the answer begins */
        t->slow_at_ns = t->common->now_ns + SLOW_S * NS_PER_S;
        t->slow_mark = t->received_bytes;
    }
}

/* The value when the line is the header `name`. */
static bool header_value(struct str line, const char *name, struct str *ret)
{
    size_t len = strlen(name);
    if (line.len <= len || line.ptr[len] != ':' || strncasecmp(line.ptr, name, len) != 0) {
        return false;
    }
    *ret = str_trim(str_slice(line, len + 1, line.len));
    return true;
}

/* NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t take_header(char *data, size_t size, size_t count, void *user)
{
    struct transfer *t = user;
    struct str line = {data, size * count};
    struct str value;
    note_progress(t, line.len);
    t->header_bytes += line.len;
    if (t->header_bytes > LIMIT_HEADER_BYTES) {
        t->is_header_limit = true;
        return 0;
    }
    if (str_starts(line, STR("HTTP/"))) { /* the final answer after a "100 Continue" */
        t->has_date = t->has_whole_head = false;
        buf_clear(&t->retry_after);
        buf_clear(&t->location);
        buf_clear(&t->job->content_type);
    } else if (str_trim(line).len == 0) {
        t->has_whole_head = true; /* libcurl takes headers that were cut short for all there are */
    } else if (header_value(line, "retry-after", &value)) {
        buf_append(&t->retry_after, value);
        buf_append_char(&t->retry_after, '\n');
    } else if (header_value(line, "date", &value)) {
        t->has_date = http_date_parse(value, &t->date_unix_s);
    } else if (header_value(line, "location", &value)) {
        buf_append(&t->location, value);
    } else if (header_value(line, "content-type", &value)) {
        buf_clear(&t->job->content_type);
        buf_append(&t->job->content_type, value);
    }
    return line.len;
}

/* As it arrives: the disk is not waited for, only its cache. */
static size_t file_body(struct transfer *t, struct str part)
{
    int fd = t->job->call->http.file;
    note_progress(t, part.len);
    for (size_t done = 0; done < part.len;) {
        ssize_t wrote = write(fd, part.ptr + done, part.len - done);
        if (wrote < 0 && errno != EINTR) {
            t->file_sys = errno;
            return 0;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    t->filed_bytes += part.len;
    return part.len;
}

/* NOLINTNEXTLINE(readability-non-const-parameter) */
static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    struct transfer *t = user;
    struct str part = {data, size * count};
    bool is_kept = is_success(status_of(t));
    uint64_t max = is_kept ? t->max_output : LIMIT_ERROR_BODY_BYTES;
    if (part.len > max - t->job->output.len - t->filed_bytes) {
        t->is_body_limit = true;
        return 0;
    }
    if (is_kept && t->job->call->http.is_to_file) {
        return file_body(t, part);
    }
    if (t->common->held_bytes + part.len > LIMIT_INFLIGHT_BYTES && t->next != NULL) { /* the oldest may always go on */
        t->is_paused = t->common->has_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    note_progress(t, part.len);
    t->common->held_bytes += part.len;
    buf_append(&t->job->output, part);
    return part.len;
}

/* ---- a handle */

struct transfer *transfer_new(struct transfer_common *common)
{
    struct transfer *t = mem_alloc(sizeof(*t));
    t->common = common;
    t->easy = curl_easy_init();
    t->url = curl_url();
    if (t->easy == NULL || t->url == NULL) {
        mem_exhausted();
    }
    buf_init(&t->retry_after, HEADER_KEPT_BYTES);
    buf_init(&t->location, HEADER_KEPT_BYTES);
    buf_init(&t->url_text, LIMIT_URL_BYTES);
    CURL *easy = t->easy;
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    (void)curl_easy_setopt(easy, CURLOPT_CURLU, t->url);
    (void)curl_easy_setopt(easy, CURLOPT_SHARE, common->share);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 0L); /* libcurl's default of 300 s stays behind ours */
    (void)curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, about_to_send);
    (void)curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    (void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, common);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    if (common->ca_file != NULL) {
        (void)curl_easy_setopt(easy, CURLOPT_CAINFO, common->ca_file);
    }
    return t;
}

void transfer_free(struct transfer *t)
{
    curl_easy_cleanup(t->easy);
    curl_url_cleanup(t->url);
    buf_deinit(&t->url_text);
    buf_deinit(&t->retry_after);
    buf_deinit(&t->location);
    mem_free(t);
}

/* Whether libcurl writes it as it stands: escapes and dots it may write differently in a part than in a whole address. */
static bool is_plain_path(struct str path)
{
    if (path.len == 0 || path.ptr[0] != '/') {
        return false;
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '%' || (path.ptr[i] == '.' && path.ptr[i - 1] == '/')) {
            return false;
        }
    }
    return true;
}

/* Of a handle that was in use before, mostly the path alone changes, or nothing: libcurl spends a tenth of a request on taking an address apart. */
static bool change_path(struct transfer *t, struct str url)
{
    struct str origin = str_slice(buf_str(&t->url_text), 0, t->origin_bytes);
    struct str rest = str_slice(url, origin.len, url.len);
    if (origin.len == 0 || !str_starts(url, origin) || !is_plain_path(rest)) {
        return false;
    }
    size_t path_bytes = rest.len;
    const char *query = str_find_char(rest, '?', &path_bytes) ? rest.ptr + path_bytes + 1 : NULL;
    buf_clear(&t->url_text);
    buf_append(&t->url_text, str_slice(rest, 0, path_bytes));
    if ((t->has_query || query != NULL) && curl_url_set(t->url, CURLUPART_QUERY, query, 0) != CURLUE_OK) {
        return false;
    }
    t->has_query = query != NULL;
    return curl_url_set(t->url, CURLUPART_PATH, t->url_text.ptr, 0) == CURLUE_OK;
}

static void set_url(struct transfer *t, struct str origin, const char *text)
{
    struct str url = str_from(text);
    if (str_eq(url, buf_str(&t->url_text))) {
        return;
    }
    if (!change_path(t, url)) {
        t->has_query = true;
        if (curl_url_set(t->url, CURLUPART_URL, text, 0) != CURLUE_OK) {
            /* url_parse took it, libcurl does not: without an address the transfer fails, with the one before it would go there */
            (void)curl_url_set(t->url, CURLUPART_URL, NULL, 0);
        }
    }
    buf_clear(&t->url_text);
    buf_append(&t->url_text, url);
    t->origin_bytes = str_starts(url, origin) ? origin.len : 0;
}

static void set_method(struct transfer *t, const char *method, bool has_body)
{
    bool is_usual = strcmp(method, has_body ? "POST" : "GET") == 0;
    (void)curl_easy_setopt(t->easy, has_body ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
    (void)curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, is_usual ? NULL : method);
    (void)snprintf(t->method, sizeof(t->method), "%s", method);
    t->has_body = has_body;
}

/* A handle keeps what it was set to: only what differs from the request before is set again. */
static void set_request(struct transfer *t, const struct call *call, struct curl_slist *headers, bool is_direct)
{
    bool has_body = call->input.len > 0 || strcmp(call->http.method, "POST") == 0;
    if (has_body != t->has_body || strcmp(call->http.method, t->method) != 0) {
        set_method(t, call->http.method, has_body);
    }
    if (has_body) {
        (void)curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, call->input.len == 0 ? "" : call->input.ptr);
        (void)curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->input.len);
    }
    if (headers != t->headers) {
        (void)curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, headers);
        t->headers = headers;
    }
    if (is_direct != t->is_direct) {
        (void)curl_easy_setopt(t->easy, CURLOPT_NOPROXY, is_direct ? "*" : NULL);
        t->is_direct = is_direct;
    }
}

void transfer_begin(struct transfer *t, struct job *job, struct lane *lane, struct str origin,
                    struct curl_slist *headers, bool is_direct, int64_t now_ns)
{
    const struct call *call = job->call;
    t->job = job;
    t->lane = lane;
    t->sends = 0;
    t->begun_ns = now_ns;
    t->sent_ns = 0;
    t->timeout_at_ns = call->timeout_ns < INT64_MAX - now_ns ? now_ns + call->timeout_ns : INT64_MAX;
    if (call->http.deadline_ns != 0 && call->http.deadline_ns < t->timeout_at_ns) {
        t->timeout_at_ns = call->http.deadline_ns;
    }
    t->connect_by_ns = now_ns + CONNECT_S * NS_PER_S;
    t->slow_at_ns = INT64_MAX;
    t->received_bytes = t->header_bytes = 0;
    t->filed_bytes = 0;
    t->file_sys = 0;
    t->max_output = call->http.max_output > 0 ? call->http.max_output : LIMIT_OUTPUT_BYTES;
    t->is_header_limit = t->is_body_limit = t->is_paused = t->has_date = t->has_whole_head = false;
    t->error[0] = '\0';
    buf_clear(&t->retry_after);
    buf_clear(&t->location);
    bool is_small = call->http.is_to_file || t->max_output < LIMIT_ERROR_BODY_BYTES;
    job->output.max = is_small ? LIMIT_ERROR_BODY_BYTES : (size_t)t->max_output;
    set_url(t, origin, call->http.url);
    set_request(t, call, headers, is_direct);
}

/* ---- limits */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t transfer_next_ns(const struct transfer *t)
{
    return earlier(t->timeout_at_ns, earlier(t->connect_by_ns, t->slow_at_ns));
}

enum transfer_limit transfer_limit(struct transfer *t, int64_t now_ns)
{
    if (now_ns >= t->timeout_at_ns) {
        return TRANSFER_TIMEOUT;
    }
    if (now_ns >= t->connect_by_ns) {
        return TRANSFER_CONNECT;
    }
    if (now_ns >= t->slow_at_ns) {
        if (!t->is_paused && t->received_bytes - t->slow_mark < SLOW_BYTES) {
            return TRANSFER_SLOW;
        }
        t->slow_mark = t->received_bytes;
        t->slow_at_ns = now_ns + SLOW_S * NS_PER_S;
    }
    return TRANSFER_NO_LIMIT;
}

void transfer_shift(struct transfer *t, int64_t by_ns)
{
    int64_t *const times[] = {&t->begun_ns, &t->sent_ns, &t->timeout_at_ns, &t->connect_by_ns, &t->slow_at_ns};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        *times[i] += *times[i] == INT64_MAX || *times[i] == 0 ? 0 : by_ns;
    }
}

/* ---- the end */

/* Of several the longest: it is the safe reading. */
static int64_t demanded_ns(struct transfer *t)
{
    int64_t answered_unix_s = t->has_date ? t->date_unix_s : clock_unix_ms(t->common->clock) / 1000;
    int64_t longest_ns = -1;
    struct str rest = buf_str(&t->retry_after);
    struct str line;
    while (str_split(&rest, '\n', &line)) {
        int64_t one_ns = -1;
        if (retry_after_parse(line, answered_unix_s, &one_ns) && one_ns > longest_ns) {
            longest_ns = one_ns;
        }
    }
    return longest_ns;
}

static enum host_answer end_answered(struct transfer *t, long status)
{
    struct job *job = t->job;
    job->status = is_success(status) ? CALL_OK : CALL_HTTP_STATUS;
    job->http_status = (unsigned)status;
    job->retry_after_ns = is_success(status) ? -1 : demanded_ns(t);
    if (status >= STATUS_REDIRECT && status < STATUS_BAD && t->location.len > 0) {
        job_fail(job, CALL_HTTP_STATUS, "the server sends to '%.*s'", STR_ARG(buf_str(&t->location)));
    }
    if (status == STATUS_THROTTLED || status == STATUS_UNAVAILABLE) {
        return HOST_THROTTLED;
    }
    return status >= STATUS_BROKEN ? HOST_FAILED : HOST_SUCCESS;
}

static bool is_distrust(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH;
}

static enum host_answer end_broken(struct transfer *t, CURLcode code, enum transfer_limit limit, struct str host)
{
    struct job *job = t->job;
    job->is_unclear = t->sends > 0;
    if (limit == TRANSFER_TIMEOUT) {
        job->status = CALL_TIMEOUT;
    } else if (limit == TRANSFER_SLOW) {
        job_fail(job, CALL_TIMEOUT, "%.*s: the answer came at less than %d bytes in %d s", STR_ARG(host), SLOW_BYTES,
                 SLOW_S);
    } else if (limit == TRANSFER_CONNECT) {
        job_fail(job, CALL_NETWORK, "%.*s: no connection within %d s", STR_ARG(host), CONNECT_S);
    } else if (t->is_header_limit) {
        job_fail(job, CALL_NETWORK, "%.*s: headers of more than %u bytes", STR_ARG(host), LIMIT_HEADER_BYTES);
    } else if (t->sends > 1) {
        job_fail(job, CALL_NETWORK, "%.*s: the connection was closed before an answer came", STR_ARG(host));
    } else {
        const char *words = code == CURLE_OK      ? "the answer ended in its headers"
                            : t->error[0] != '\0' ? t->error
                                                  : curl_easy_strerror(code);
        job_fail(job, CALL_NETWORK, "%.*s: %s", STR_ARG(host), words);
    }
    if (t->sends > 0) {
        return HOST_FAILED;
    }
    job->is_unreachable = limit == TRANSFER_NO_LIMIT && is_distrust(code);
    return job->is_unreachable ? HOST_NOT_TRUSTED : HOST_NOT_CONNECTED;
}

enum host_answer transfer_end(struct transfer *t, CURLcode code, enum transfer_limit limit, struct str host)
{
    struct job *job = t->job;
    long status = status_of(t);
    /* by the clock, not by the turn: a server that is near answers in the turn that sends */
    job->latency_ns = t->sent_ns > 0 ? clock_ns(t->common->clock) - t->sent_ns : 0;
    if (limit == TRANSFER_NO_LIMIT && t->is_body_limit && is_success(status)) {
        job_fail(job, CALL_OUTPUT_LIMIT, "%.*s: an answer of more than %" PRIu64 " bytes", STR_ARG(host),
                 t->max_output);
        job->is_unclear = true;
        return HOST_SUCCESS;
    }
    if (limit == TRANSFER_NO_LIMIT && t->file_sys != 0) {
        job_fail(job, CALL_OUTPUT_LIMIT, "the answer cannot be written to a file: %s", strerror(t->file_sys));
        job->is_unclear = true;
        return HOST_SUCCESS;
    }
    if (limit == TRANSFER_NO_LIMIT && t->has_whole_head && (code == CURLE_OK || t->is_body_limit)) {
        return end_answered(t, status);
    }
    return end_broken(t, code, limit, host);
}
