#include "data/json.h"
#include "data/map_reader.h"
#include "judge/summary_parts.h"
#include "model/how_json.h"

static const char *const SEVERITY_WORDS[] = {[GATE_FAIL] = "fail", [GATE_WARN] = "warn", NULL};
static const char *const WORSE_WORDS[] = {[GATE_WORSE_BELOW] = "below", [GATE_WORSE_ABOVE] = "above", NULL};

static void put_evidence(struct json_writer *w, const struct gate_evidence *e)
{
    json_put_number(w, "confidence", e->confidence);
    json_put_text(w, "worse", str_from(WORSE_WORDS[e->worse]));
    json_put_interval(w, "interval", &e->drawn);
    json_put_interval(w, "bounds", &e->bounds);
    json_key(w, "test");
    json_open_map(w);
    json_put_how(w, &e->how);
    json_put_number(w, "statistic", e->statistic);
    json_put_number(w, "p_fail", e->p_fail);
    json_put_number(w, "p_pass", e->p_pass);
    json_put_number(w, "p_fail_adjusted", e->p_fail_adjusted);
    json_put_int(w, "family", (int64_t)e->family);
    json_put_number_or_null(w, "p_exact", e->has_pairs, e->p_exact);
    json_close_map(w);
    if (e->has_pairs) {
        json_put_int(w, "only_this", (int64_t)e->pairs_b);
        json_put_int(w, "only_reference", (int64_t)e->pairs_c);
    }
    json_put_number_or_null(w, "mde", e->has_mde, e->mde);
    json_put_number_or_null(w, "mde_beyond", e->has_mde, e->mde_beyond);
}

void json_put_gate(struct json_writer *w, const struct gate_result *g)
{
    json_open_map(w);
    json_put_text(w, "gate", g->text);
    json_put_text(w, "form", str_from(GATE_FORM_WORDS[g->form]));
    json_put_text(w, "severity", str_from(SEVERITY_WORDS[g->severity]));
    json_put_text(w, "outcome", str_from(gate_outcome_word(g->outcome)));
    json_put_bool(w, "fails", g->fails);
    json_put_bool(w, "warns", g->warns);
    json_put_bool(w, "implied", g->is_implied);
    json_put_number_or_null(w, "left", g->has_left, g->left);
    json_put_number_or_null(w, "right", g->has_right, g->right);
    json_put_int(w, "n", (int64_t)g->n);
    json_put_int(w, "clusters", (int64_t)g->clusters);
    json_put_number_or_null(w, "needed", g->needed > 0, (double)g->needed);
    json_put_text(w, "reason", g->reason);
    if (g->has_reference) {
        json_put_number(w, "reference", g->reference);
        json_put_number(w, "difference", g->difference);
        json_put_bool(w, "ratio", g->is_ratio);
        json_put_number(w, "margin", g->margin);
    }
    if (g->baseline > 0) {
        json_put_int(w, "baseline", (int64_t)g->baseline - 1);
    }
    if (g->has_evidence) {
        put_evidence(w, &g->evidence);
    }
    json_close_map(w);
}

/* --- reading ---------------------------------------------------------------------------------------------------------------------------- */

static void map_test(struct map_reader *r, struct gate_evidence *ret)
{
    map_how(r, &ret->how);
    (void)map_number(r, "statistic", &ret->statistic);
    (void)map_number(r, "p_fail", &ret->p_fail);
    (void)map_number(r, "p_pass", &ret->p_pass);
    (void)map_number(r, "p_fail_adjusted", &ret->p_fail_adjusted);
    (void)map_count(r, "family", &ret->family);
    ret->has_pairs = map_number(r, "p_exact", &ret->p_exact);
}

static bool map_evidence(struct map_reader *r, struct gate_evidence *ret)
{
    const struct value *test = NULL;
    if (!map_node(r, "test", VALUE_MAP, &test)) {
        return false;
    }
    struct map_reader item = map_reader_of(r, test);
    map_test(&item, ret);
    map_reader_join(r, &item);
    (void)map_number(r, "confidence", &ret->confidence);
    ret->worse = (enum gate_worse)map_word(r, "worse", WORSE_WORDS, GATE_WORSE_BELOW);
    map_interval(r, "interval", &ret->drawn);
    map_interval(r, "bounds", &ret->bounds);
    (void)map_count(r, "only_this", &ret->pairs_b);
    (void)map_count(r, "only_reference", &ret->pairs_c);
    ret->has_mde = map_number(r, "mde", &ret->mde);
    (void)map_number(r, "mde_beyond", &ret->mde_beyond);
    return true;
}

void map_gate(struct map_reader *r, struct gate_result *ret)
{
    const char *outcomes[GATE_NOT_JUDGED + 2] = {NULL};
    for (int i = 0; i <= GATE_NOT_JUDGED; i++) {
        outcomes[i] = gate_outcome_word((enum gate_outcome)i);
    }
    (void)map_text(r, "gate", &ret->text);
    ret->form = (enum gate_form)map_word(r, "form", GATE_FORM_WORDS, GATE_PLAIN);
    ret->severity = (enum gate_severity)map_word(r, "severity", SEVERITY_WORDS, GATE_FAIL);
    ret->outcome = (enum gate_outcome)map_word(r, "outcome", outcomes, GATE_NOT_JUDGED);
    bool is_bad = ret->outcome == GATE_BROKEN || ret->outcome == GATE_CANNOT_TELL;
    if (!map_flag(r, "fails", &ret->fails)) { /* older: only plain gates, of which both outcomes counted */
        ret->fails = is_bad && ret->severity == GATE_FAIL;
    }
    if (!map_flag(r, "warns", &ret->warns)) { /* older */
        ret->warns = is_bad && ret->severity == GATE_WARN;
    }
    (void)map_flag(r, "implied", &ret->is_implied);
    ret->has_left = map_number(r, "left", &ret->left);
    ret->has_right = map_number(r, "right", &ret->right);
    (void)map_count(r, "n", &ret->n);
    (void)map_count(r, "clusters", &ret->clusters);
    (void)map_count(r, "needed", &ret->needed);
    (void)map_text(r, "reason", &ret->reason);
    ret->has_reference = map_number(r, "reference", &ret->reference);
    (void)map_number(r, "difference", &ret->difference);
    (void)map_flag(r, "ratio", &ret->is_ratio);
    (void)map_number(r, "margin", &ret->margin);
    uint64_t baseline = 0;
    if (map_count(r, "baseline", &baseline)) {
        ret->baseline = baseline < UINT32_MAX ? (uint32_t)baseline + 1 : 0;
    }
    ret->has_evidence = map_evidence(r, &ret->evidence);
}
