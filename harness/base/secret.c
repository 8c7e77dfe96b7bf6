#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

struct secret {
    size_t len;
    char bytes[];
};

struct secret *secret_new(struct str bytes)
{
    struct secret *secret = mem_alloc(sizeof(*secret) + bytes.len + 1);
    secret->len = bytes.len;
    if (bytes.len > 0) {
        memcpy(secret->bytes, bytes.ptr, bytes.len);
    }
    return secret;
}

void secret_free(struct secret **secret)
{
    if (*secret != NULL) {
        explicit_bzero((*secret)->bytes, (*secret)->len);
        mem_free(take_ptr(secret));
    }
}

struct str secret_reveal(const struct secret *secret)
{
    return (struct str){secret->bytes, secret->len};
}

bool secret_eq(const struct secret *secret, struct str text)
{
    unsigned char difference = secret->len == text.len ? 0 : 1;
    for (size_t i = 0; i < text.len && i < secret->len; i++) {
        difference |= (unsigned char)(secret->bytes[i] ^ text.ptr[i]);
    }
    return difference == 0;
}

void secret_guard_process(void)
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#ifdef __linux__
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static bool is_header_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~') {
            return false;
        }
    }
    return text.len > 0;
}

static bool secret_take(struct str text, const char *where, struct secret **ret, struct err *err)
{
    static const struct str scheme = {"Bearer ", 7};
    text = str_trim(text);
    if (text.len > scheme.len && strncasecmp(text.ptr, scheme.ptr, scheme.len) == 0) {
        text = str_trim(str_slice(text, scheme.len, text.len));
    }
    if (text.len > LIMIT_KEY_BYTES) {
        return err_set(err, ERR_USAGE, "%s: the key has more than %u bytes", where, LIMIT_KEY_BYTES);
    }
    if (!is_header_text(text)) {
        return err_set(err, ERR_USAGE, "%s: a key is one line of printable ASCII without blanks", where);
    }
    *ret = secret_new(text);
    secret_guard_process();
    return true;
}

static bool secret_read(const char *path, struct secret **ret, struct err *err)
{
    int fd CLEANUP(file_close) = -1;
    if (!file_open(path, &fd, err)) {
        err->kind = ERR_USAGE;
        return err_wrap(err, "OPPER_API_KEY_FILE");
    }
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return err_set_sys(err, ERR_USAGE, errno, "OPPER_API_KEY_FILE '%s'", path);
    }
    if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return err_set(err, ERR_USAGE, "OPPER_API_KEY_FILE: others may read or change '%s' (mode %03o): chmod 600 '%s'",
                       path, (unsigned)st.st_mode & 0777u, path);
    }
    char text[LIMIT_KEY_BYTES + 64];
    size_t len = 0;
    ptrdiff_t got = 0;
    while (len < sizeof(text) && (got = file_read_some(fd, text + len, sizeof(text) - len)) > 0) {
        len += (size_t)got;
    }
    if (got < 0) {
        return err_set_sys(err, ERR_USAGE, errno, "cannot read OPPER_API_KEY_FILE '%s'", path);
    }
    bool ok = secret_take((struct str){text, len}, "OPPER_API_KEY_FILE", ret, err);
    explicit_bzero(text, sizeof(text));
    return ok;
}

bool secret_load(const char *key, const char *key_file, struct secret **ret, struct err *err)
{
    if (key != NULL && key[0] != '\0') { /* CI systems set a secret that a job may not have to nothing */
        return secret_take(str_from(key), "OPPER_API_KEY", ret, err);
    }
    if (key_file != NULL && key_file[0] != '\0') {
        return secret_read(key_file, ret, err);
    }
    *ret = NULL;
    return true;
}
