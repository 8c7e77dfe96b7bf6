#include "base/id.h"

#include <string.h>

#include "base/digest.h"
#include "tests/check.h"

static struct str text_of(const struct uuid_text *t)
{
    return str_from(t->text);
}

static void test_parse(void)
{
    static const struct {
        const char *name, *text;
        bool ok;
    } rows[] = {
        {"empty", "", false},
        {"short", "2ed6657d-e927-568b-95e1-2665a8aea6a", false},
        {"long", "2ed6657d-e927-568b-95e1-2665a8aea6a20", false},
        {"no dashes", "2ed6657de927568b95e12665a8aea6a2", false},
        {"a dash one off", "2ed6657-de927-568b-95e1-2665a8aea6a2", false},
        {"a digit for a dash", "2ed6657d0e927-568b-95e1-2665a8aea6a2", false},
        {"a dash for a digit", "2ed6657d-e927-568b-95e1-2665a8aea6-2", false},
        {"no hex", "2ed6657d-e927-568b-95e1-2665a8aea6ag", false},
        {"braces", "{2ed6657d-e927-568b-95e1-2665a8aea6}", false},
        {"a blank", " 2ed6657d-e927-568b-95e1-2665a8aea6a", false},
        {"lower", "2ed6657d-e927-568b-95e1-2665a8aea6a2", true},
        {"upper", "2ED6657D-E927-568B-95E1-2665A8AEA6A2", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct uuid id = {{1}};
        bool ok = id_parse(str_from(rows[i].text), &id);
        CHECK_INT(rows[i].name, ok, rows[i].ok);
        struct uuid_text back = id_text(&id);
        CHECK_CSTR(rows[i].name, text_of(&back),
                   rows[i].ok ? "2ed6657d-e927-568b-95e1-2665a8aea6a2" : "01000000-0000-0000-0000-000000000000");
    }
}

/* What RFC 9562 says, written out with SHA-1 alone. */
static struct uuid v5(const struct uuid *space, const char *name)
{
    char text[16 + 5000];
    uint8_t sha1[20];
    struct uuid id;
    memcpy(text, space->bytes, 16);
    memcpy(text + 16, name, strlen(name));
    digest_sha1((struct str){text, 16 + strlen(name)}, sha1);
    memcpy(id.bytes, sha1, 16);
    id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x50);
    id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
    return id;
}

static void check_same(const char *row, struct uuid got, struct uuid want)
{
    struct uuid_text got_text = id_text(&got);
    struct uuid_text want_text = id_text(&want);
    CHECK_STR(row, text_of(&got_text), text_of(&want_text));
    CHECK_INT(row, id_eq(&got, &want), 1);
}

static void test_names(void)
{
    struct uuid dns;
    CHECK("parses", id_parse(STR("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), &dns));
    struct uuid known = v5(&dns, "www.example.com");
    struct uuid_text known_text = id_text(&known);
    CHECK_CSTR("RFC 9562, A.4", text_of(&known_text), "2ed6657d-e927-568b-95e1-2665a8aea6a2");

    struct uuid inv = id_of_invocation(STR("nightly"));
    check_same("invocation", inv, v5(&ID_NAMESPACE, "3:inv7:nightly"));
    struct uuid run = id_of_run(&inv, STR("math"), STR("default"));
    check_same("run", run, v5(&inv, "4:math7:default"));
    check_same("root span", id_of_root_span(&run), v5(&run, "root"));
    check_same("sample span", id_of_sample_span(&run, STR("a:b"), 1, 0), v5(&run, "4:case3:a:b1:11:0"));
    check_same("largest numbers", id_of_sample_span(&run, STR(""), 4294967295u, 4294967295u),
               v5(&run, "4:case0:10:429496729510:4294967295"));
    check_same("bytes, not characters", id_of_run(&inv, STR("\xc3\xa9"), STR_NULL),
               v5(&inv, "2:\xc3\xa9"
                        "0:"));
    check_same("no parts", id_derive(&inv, NULL, 0), v5(&inv, ""));
}

static void test_frozen(void)
{
    /* Stored runs hang on these: a change here is a change of the contract. */
    struct uuid inv = id_of_invocation(STR("nightly"));
    struct uuid run = id_of_run(&inv, STR("math"), STR("default"));
    struct uuid root = id_of_root_span(&run);
    struct uuid sample = id_of_sample_span(&run, STR("case-1"), 1, 0);
    const struct {
        const char *name, *text;
        const struct uuid *id;
    } rows[] = {
        {"name space", "0df6f0d1-3515-46bf-b8a0-d8633e616cf1", &ID_NAMESPACE},
        {"invocation", "96539b1b-3715-5481-9a96-52533bbb7809", &inv},
        {"run", "d5cf13c6-c5ac-5602-9817-20af8c14c575", &run},
        {"root", "6304380f-34f8-5358-96e2-b47867844836", &root},
        {"sample", "38bf9913-a51c-55d0-a022-4f950566aab5", &sample},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct uuid_text text = id_text(rows[i].id);
        CHECK_CSTR(rows[i].name, text_of(&text), rows[i].text);
    }
}

static void test_long_names(void)
{
    /* around the size at which the heap is used */
    char name[5000];
    memset(name, 'x', sizeof(name));
    for (size_t len = 2400; len < 2700; len++) {
        char want[5100];
        (void)snprintf(want, sizeof(want), "%zu:%.*s", len, (int)len, name);
        const struct str part = {name, len};
        check_same("long name", id_derive(&ID_NAMESPACE, &part, 1), v5(&ID_NAMESPACE, want));
    }
}

static void test_join_is_injective(void)
{
    const struct str a[] = {STR("1:a"), STR("")};
    const struct str b[] = {STR("1"), STR(":a")};
    const struct str c[] = {STR("1:a0:")};
    struct uuid id_a = id_derive(&ID_NAMESPACE, a, 2);
    struct uuid id_b = id_derive(&ID_NAMESPACE, b, 2);
    struct uuid id_c = id_derive(&ID_NAMESPACE, c, 1);
    CHECK("parts do not run together", !id_eq(&id_a, &id_b) && !id_eq(&id_a, &id_c) && !id_eq(&id_b, &id_c));
}

static void test_random(void)
{
    struct uuid last = {{0}};
    for (int i = 0; i < 100; i++) {
        struct uuid id = id_random();
        CHECK_INT("version", id.bytes[6] >> 4, 4);
        CHECK_INT("variant", id.bytes[8] >> 6, 2);
        CHECK("new each time", !id_eq(&id, &last));
        last = id;
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"text to id and back", test_parse},
        {"derived by RFC 9562 and the joining rule", test_names},
        {"the contract's ids", test_frozen},
        {"long names", test_long_names},
        {"joining is injective", test_join_is_injective},
        {"random", test_random},
    };
    return check_run("id", tests, ARRAY_LEN(tests));
}
