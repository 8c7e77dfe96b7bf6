#include "tests/suites/suite_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/caret.h"
#include "tests/check.h"

static const char *const ENTRIES[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "REGION=eu", "API_KEY=secret", NULL};

void suite_text_open(struct suite_text *t)
{
    *t = (struct suite_text){.dir = temp_dir_make(), .env = {ENTRIES}};
    t->options = (struct suite_options){.env = &t->env};
}

static void forget(struct suite_text *t)
{
    if (t->suite != NULL) {
        suite_unload(t->suite);
        t->suite = NULL;
    }
    arena_deinit(&t->arena);
    t->arena = ARENA_NULL;
}

void suite_text_close(struct suite_text *t)
{
    forget(t);
    temp_dir_remove(&t->dir);
}

bool suite_text_load(struct suite_text *t, const char *text)
{
    forget(t);
    diag_init(&t->diag, &t->arena);
    struct temp_path path = temp_file(&t->dir, "suite.yaml", str_from(text));
    return suite_load(&t->arena, path.text, &t->options, &t->suite, &t->diag);
}

static struct str shown_faults(struct suite_text *t)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 20);
    for (size_t i = 0; i < t->diag.faults.len; i++) {
        caret_render(&out, &t->diag, &t->diag.faults.items[i], 120);
    }
    return arena_str(&t->arena, buf_str(&out));
}

bool suite_text_load_clean(struct suite_text *t, const char *name, const char *text)
{
    bool is_loaded = suite_text_load(t, text);
    check_str_at(shown_faults(t), STR(""), name, __FILE__, __LINE__);
    CHECK(name, is_loaded);
    return is_loaded;
}

const struct fault *suite_text_fault(const struct suite_text *t, const char *part)
{
    for (size_t i = 0; i < t->diag.faults.len; i++) {
        if (str_find(t->diag.faults.items[i].text, str_from(part), NULL)) {
            return &t->diag.faults.items[i];
        }
    }
    return NULL;
}

void check_wrong(struct suite_text *t, const struct wrong_suite *row)
{
    bool is_loaded = suite_text_load(t, row->text);
    CHECK(row->name, !is_loaded);
    const struct fault *fault = suite_text_fault(t, row->part);
    if (t->diag.faults.len != 1 || fault == NULL) {
        CHECK_CONTAINS(row->name, shown_faults(t), row->part);
        CHECK_STR("only one fault", shown_faults(t), STR(""));
        return;
    }
    if (row->hint != NULL) {
        CHECK_CONTAINS(row->name, fault->hint, row->hint);
    }
    CHECK(row->name, fault->pos.line != 0);
    if (row->line != 0) {
        CHECK_INT(row->name, fault->pos.line, row->line);
    }
    if (row->col != 0) {
        CHECK_INT(row->name, fault->pos.col, row->col);
    }
}
