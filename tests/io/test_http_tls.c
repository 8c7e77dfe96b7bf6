/* Who is spoken to: certificates, with openssl's own server, and proxies, with the fault server as one. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/num.h"
#include "base/secret.h"
#include "tests/check.h"
#include "tests/io/http_kit.h"

static const char certificates[] =
    "set -e; new='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'\n"
    "openssl req -x509 $new -keyout ca.key -out ca.pem -days 2 -subj /CN=ca\n"
    "openssl req -x509 $new -keyout leaf.key -out self.pem -days 2 -subj /CN=opper.test"
    " -addext subjectAltName=DNS:opper.test,IP:127.0.0.1\n"
    "openssl req -new -key leaf.key -out leaf.csr -subj /CN=leaf\n"
    "printf "
    "'[right]\\nsubjectAltName=DNS:opper.test,IP:127.0.0.1\\n[wrong]\\nsubjectAltName=DNS:other.test,IP:127.0.0.9\\n' "
    "> names\n"
    "for name in right wrong; do\n"
    "  openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -extensions "
    "$name -out $name.pem\n"
    "done\n"
    ": > index; echo 01 > serial\n"
    "{ printf "
    "'[ca]\\ndefault_ca=c\\n[c]\\ndatabase=index\\nserial=serial\\nnew_certs_dir=.\\ncertificate=ca.pem\\nprivate_key="
    "ca.key\\n'\n"
    "  printf 'default_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n'; cat names; } > ca.cnf\n"
    "openssl ca -batch -config ca.cnf -in leaf.csr -out expired.pem -startdate 200101000000Z -enddate 200102000000Z "
    "-extensions right\n";

struct tls_server {
    pid_t pid;
    unsigned port;
};

static void pause_ms(int ms)
{
    const struct timespec time = {0, (long)ms * 1000000};
    (void)nanosleep(&time, NULL);
}

/* "ACCEPT 127.0.0.1:PORT" */
static unsigned read_port(const char *path)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct str text = STR_NULL;
    size_t at = 0;
    if (!file_read(&arena, path, 1 << 20, &text, &err) || !str_find(text, STR("ACCEPT 127.0.0.1:"), &at) ||
        !str_find_char(str_slice(text, at, text.len), '\n', NULL)) {
        return 0;
    }
    return (unsigned)strtoul(text.ptr + at + strlen("ACCEPT 127.0.0.1:"), NULL, 10);
}

static struct tls_server start_tls(const struct temp_dir *dir, const char *certificate)
{
    struct tls_server server = {0};
    struct temp_path log = temp_path(dir, "log");
    (void)unlink(log.text);
    (void)fflush(NULL);
    server.pid = fork();
    if (server.pid == 0) {
        if (chdir(dir->path) != 0 || freopen("log", "w", stdout) == NULL || freopen("/dev/null", "r", stdin) == NULL ||
            dup2(1, 2) < 0) {
            _exit(127);
        }
        (void)execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key",
                     "leaf.key", "-www", (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 10000 && server.port == 0; i++) {
        pause_ms(1);
        server.port = read_port(log.text);
    }
    CHECK("openssl's server listens", server.port != 0);
    return server;
}

static void stop_tls(struct tls_server *server)
{
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, NULL, 0);
}

static struct temp_dir make_certificates(void)
{
    struct temp_dir dir = temp_dir_make();
    struct rig rig;
    rig_open(&rig);
    struct call call = rig_shell(&rig, certificates);
    call.command.cwd = dir.path;
    struct call_result r = rig_run(&rig, &call);
    CHECK_INT("certificates", r.status, CALL_OK);
    if (r.status != CALL_OK) {
        (void)fprintf(stderr, "%.*s\n", STR_ARG(r.stderr_tail));
    }
    rig_close(&rig);
    return dir;
}

static struct call_result ask(struct rig *rig, const char *ca_file, const char *url, const struct secret *key)
{
    perform_set_ca_file(rig->perform, ca_file);
    struct call call = http_kit_post_to(rig, url, key);
    call.http.method = "GET"; /* all that openssl's server answers */
    call.input = STR("");
    return rig_run(rig, &call);
}

static void test_certificates(void)
{
    static const struct {
        const char *certificate, *ca, *says; /* says: NULL = trusted */
    } rows[] = {
        {"right.pem", "ca.pem", NULL},
        {"self.pem", "self.pem", NULL},
        {"right.pem", NULL, "SSL certificate problem"},
        {"self.pem", NULL, "self-signed certificate"},
        {"self.pem", "ca.pem", "self-signed certificate"},
        {"expired.pem", "ca.pem", "expired"},
        {"wrong.pem", "ca.pem", "127.0.0.1"},
        {"right.pem", "missing.pem", "missing.pem"},
    };
    struct temp_dir dir CLEANUP(temp_dir_remove) = make_certificates();
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct tls_server server CLEANUP(stop_tls) = start_tls(&dir, rows[i].certificate);
        struct temp_path ca = temp_path(&dir, rows[i].ca == NULL ? "" : rows[i].ca);
        struct rig rig;
        rig_open(&rig);
        char url[64];
        (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", server.port);
        struct call_result r = ask(&rig, rows[i].ca == NULL ? NULL : ca.text, url, key);
        if (rows[i].says == NULL) {
            CHECK_INT(rows[i].certificate, r.status, CALL_OK);
        } else {
            CHECK_INT(rows[i].certificate, r.status, CALL_NETWORK);
            CHECK_CONTAINS(rows[i].certificate, r.detail, rows[i].says);
            CHECK("trying on is of no use, and nothing was sent", r.is_unreachable && !r.is_unclear);
            CHECK_CONTAINS("none is sent after it", ask(&rig, ca.text, url, key).detail, "not sent");
        }
        rig_close(&rig);
    }
}

static void test_not_tls(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = make_certificates();
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    struct fault f CLEANUP(fault_stop) = fault_start(NULL);
    struct tls_server server CLEANUP(stop_tls) = start_tls(&dir, "right.pem");
    struct rig rig;
    rig_open(&rig);
    char url[64];
    (void)snprintf(url, sizeof(url), "https://127.0.0.1:%u/", f.port);
    struct call call = http_kit_post_to(&rig, url, key);
    call.timeout_ns = 500 * NS_PER_MS;
    struct call_result r = rig_run(&rig, &call);
    CHECK("TLS to a server without", r.status == CALL_NETWORK || r.status == CALL_TIMEOUT);
    CHECK("may be a passing fault, nothing was sent", !r.is_unreachable && !r.is_unclear);
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", server.port);
    r = ask(&rig, NULL, url, key);
    CHECK("no TLS to a server with", r.status != CALL_OK);
    rig_close(&rig);
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    (void)fault_end(&f, &arena);
    CHECK("the key did not go out in clear", !str_find(fault_raw(&f, &arena), STR("op-12345"), NULL));
}

static void no_proxies(void)
{
    static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                        "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)unsetenv(names[i]);
    }
}

static void test_tunnel(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = make_certificates();
    struct temp_path ca = temp_path(&dir, "ca.pem");
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    static const struct {
        const char *rule, *says; /* NULL = through it */
    } rows[] = {
        {"path=/none : close", NULL},
        {"kind=connect : status=407 header=\"Proxy-Authenticate: Basic realm=x\"", "407"},
        {"kind=connect : status=502", "502"},
        {"kind=connect : close", "opper.test:"},
        {"kind=connect : status=200 cut=20", "opper.test:"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct fault f CLEANUP(fault_stop) = fault_start((const char *const[]){"--rule", rows[i].rule, NULL});
        struct tls_server server CLEANUP(stop_tls) = start_tls(&dir, "right.pem");
        struct fault_text proxy = fault_url(&f, "");
        (void)setenv("https_proxy", proxy.text, 1);
        struct rig rig;
        rig_open(&rig);
        char url[64];
        (void)snprintf(url, sizeof(url), "https://opper.test:%u/", server.port);
        struct call_result r = ask(&rig, ca.text, url, key);
        if (rows[i].says == NULL) {
            CHECK_INT("through the proxy", r.status, CALL_OK);
        } else {
            CHECK_INT(rows[i].rule, r.status, CALL_NETWORK);
            CHECK_CONTAINS(rows[i].rule, r.detail, rows[i].says);
            CHECK("nothing was sent, and it may be tried again", !r.is_unclear && !r.is_unreachable);
        }
        rig_close(&rig);
        no_proxies();
        (void)fault_end(&f, &arena);
        struct str raw = fault_raw(&f, &arena);
        CHECK("it was asked for the server", str_starts(raw, STR("CONNECT opper.test:")));
        CHECK("and saw no key", !str_find(raw, STR("op-12345"), NULL) && !str_find(raw, STR("uthorization"), NULL));
    }
}

static void test_proxies(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct fault proxy CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "any : status=200 body={}", NULL});
    struct fault other CLEANUP(fault_stop) =
        fault_start((const char *const[]){"--rule", "any : status=200 body={}", NULL});
    struct secret *key CLEANUP(secret_free) = secret_new(STR("op-1234567890"));
    struct fault_text proxy_url = fault_url(&proxy, "");
    struct rig rig;
    rig_open(&rig);
    (void)setenv("http_proxy", proxy_url.text, 1);
    CHECK_INT("in clear, without a key", ask(&rig, NULL, "http://opper.test/v2/x", NULL).status, CALL_OK);
    struct call_result r = ask(&rig, NULL, "http://opper.test/v2/x", key);
    CHECK_CONTAINS("in clear, with a key", r.detail, "a key is never sent over plain http");
    struct fault_text direct = fault_url(&other, "/v2/direct");
    CHECK_INT("to this machine no proxy is needed", ask(&rig, NULL, direct.text, key).status, CALL_OK);
    (void)setenv("no_proxy", "opper.test", 1);
    struct call call = http_kit_post_to(&rig, "http://opper.test/v2/y", NULL);
    call.timeout_ns = 5 * NS_PER_S;
    CHECK("no_proxy: the name itself", rig_run(&rig, &call).status != CALL_OK);
    no_proxies();
    (void)setenv("https_proxy", "http://127.0.0.1:1", 1);
    r = ask(&rig, NULL, "https://opper.test/v2/x", key);
    CHECK_INT("a proxy that is not there", r.status, CALL_NETWORK);
    CHECK("a proxy that is not there", !r.is_unclear);
    no_proxies();
    rig_close(&rig);
    (void)fault_end(&proxy, &arena);
    (void)fault_end(&other, &arena);
    struct str raw = fault_raw(&proxy, &arena);
    CHECK("whole address to a proxy",
          str_starts(raw, STR("GET http://opper.test/v2/x HTTP/1.1\r\nHost: opper.test\r\n")));
    CHECK("one request", !str_find(str_slice(raw, 4, raw.len), STR("GET "), NULL));
    CHECK("the other directly", str_starts(fault_raw(&other, &arena), STR("GET /v2/direct HTTP/1.1\r\n")));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"certificates", test_certificates},
        {"not TLS", test_not_tls},
        {"tunnel", test_tunnel},
        {"proxies", test_proxies},
    };
    no_proxies();
    return check_run("http_tls", tests, ARRAY_LEN(tests));
}
