#include "model/service.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/url.h"
#include "model/environment.h"

bool service_open(struct arena *arena, const struct environment *env, const struct secret *key, struct service *ret,
                  struct err *err)
{
    const char *given = environment_get(env, STR("OPPER_BASE_URL"));
    struct str address = given == NULL || given[0] == '\0' ? STR(SERVICE_BASE_URL) : str_from(given);
    struct url url;
    if (!url_parse(address, &url, err)) {
        return err_wrap(err, "OPPER_BASE_URL");
    }
    if (str_find_char(url.path, '?', NULL)) {
        return err_set(err, ERR_USAGE, "OPPER_BASE_URL '%.*s' has a query", STR_ARG(address));
    }
    if (key != NULL && !url_is_private(&url)) {
        return err_set(err, ERR_USAGE, "OPPER_BASE_URL '%.*s' is not https: the key would travel in the open",
                       STR_ARG(address));
    }
    while (str_ends(address, STR("/"))) {
        address = str_slice(address, 0, address.len - 1);
    }
    const char *variable = environment_get(env, STR("OPPER_API_KEY"));
    bool is_variable = variable != NULL && variable[0] != '\0';
    *ret = (struct service){
        .base_url = arena_str(arena, address).ptr,
        .key = key,
        .key_name = is_variable ? "OPPER_API_KEY" : "OPPER_API_KEY_FILE",
    };
    return true;
}

bool service_check_key(const struct service *service, const char *what, struct err *err)
{
    return service->key != NULL || err_set(err, ERR_USAGE, "%s needs a key, and OPPER_API_KEY is not set", what);
}
