/* Which class was wanted and which was answered, of a one_of: a table of both where the classes are few, and recall, precision and F1 of each. */

#include "base/arena.h"
#include "base/num.h"
#include "reporters/html_sections.h"
#include "reporters/shown.h"

enum { SHADES = 10, MATRIX_MAX = 40 };

static struct str cases_text(struct arena *arena, double cases)
{
    char room[32];
    return arena_str(arena, num_text_short(cases, 1, room));
}

static void put_share(struct html_writing *w, bool has, double value)
{
    buf_append_cstr(&w->out, "<td class=\"number\">");
    if (has) {
        html_line(&w->out, shown_share(w->scratch, value));
    }
    buf_append_cstr(&w->out, "</td>");
}

/* A cell's shade is its share of those that wanted its class; right and wrong have a color each, and the right ones stand in the diagonal. */
static void put_cell(struct html_writing *w, double cases, double wanted, bool is_right)
{
    int shade = wanted > 0 ? (int)(cases / wanted * SHADES) : 0;
    shade = cases > 0 && shade < 1 ? 1 : shade;
    buf_printf(&w->out, "<td class=\"number %s s%d\">", is_right ? "right" : "wrong", shade);
    html_line(&w->out, cases > 0 ? cases_text(w->scratch, cases) : STR("·"));
    buf_append_cstr(&w->out, "</td>");
}

/* cells: how many cases wanted it and got each class, those that got none of them last. */
static void put_row(struct html_writing *w, const struct dimension_summary *d, size_t wanted, const double *cells)
{
    const struct class_summary *c = &d->classes[wanted];
    buf_append_cstr(&w->out, "<tr><th scope=\"row\">");
    html_line(&w->out, c->label);
    buf_append_cstr(&w->out, "</th>");
    for (size_t answered = 0; answered <= d->class_count; answered++) {
        put_cell(w, cells[answered], c->wanted, answered == wanted);
    }
    put_share(w, c->has_recall, c->recall);
    put_share(w, c->has_precision, c->precision);
    put_share(w, c->has_f1, c->f1);
    buf_append_cstr(&w->out, "</tr>\n");
}

static double *fill_cells(struct arena *arena, const struct dimension_summary *d)
{
    size_t columns = d->class_count + 1;
    double *cells = arena_array(arena, double, d->class_count *columns);
    for (size_t i = 0; i < d->confusion_count; i++) {
        const struct confusion_cell *cell = &d->confusion[i];
        if (cell->wanted >= 0 && (size_t)cell->wanted < d->class_count && cell->answered < (int32_t)d->class_count) {
            size_t column = cell->answered < 0 ? d->class_count : (size_t)cell->answered;
            cells[(size_t)cell->wanted * columns + column] += cell->cases;
        }
    }
    return cells;
}

static void put_matrix(struct html_writing *w, const struct dimension_summary *d)
{
    const double *cells = fill_cells(w->scratch, d);
    buf_append_cstr(
        &w->out,
        "<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th scope=\"col\">wanted \\ answered</th>");
    for (size_t i = 0; i < d->class_count; i++) {
        buf_append_cstr(&w->out, "<th scope=\"col\" class=\"number\">");
        html_line(&w->out, d->classes[i].label);
        buf_append_cstr(&w->out, "</th>");
    }
    buf_append_cstr(&w->out,
                    "<th scope=\"col\" class=\"number\">none of them</th><th scope=\"col\" class=\"number\">recall</th>"
                    "<th scope=\"col\" class=\"number\">precision</th><th scope=\"col\" class=\"number\">F1</th>"
                    "</tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < d->class_count; i++) {
        put_row(w, d, i, &cells[i * (d->class_count + 1)]);
    }
    buf_append_cstr(&w->out, "</tbody></table></div>\n");
}

static void put_list(struct html_writing *w, const struct dimension_summary *d)
{
    static const struct html_column columns[] = {{"class", false}, {"wanted", true}, {"answered", true},
                                                 {"right", true},  {"recall", true}, {"precision", true},
                                                 {"F1", true}};
    struct html_table t;
    html_table_begin(&t, &w->out, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < d->class_count; i++) {
        const struct class_summary *c = &d->classes[i];
        html_table_cell(&t, c->label);
        html_table_cell(&t, cases_text(w->scratch, c->wanted));
        html_table_cell(&t, cases_text(w->scratch, c->answered));
        html_table_cell(&t, cases_text(w->scratch, c->right));
        html_table_cell(&t, c->has_recall ? shown_share(w->scratch, c->recall) : STR(""));
        html_table_cell(&t, c->has_precision ? shown_share(w->scratch, c->precision) : STR(""));
        html_table_cell(&t, c->has_f1 ? shown_share(w->scratch, c->f1) : STR(""));
    }
    html_table_end(&t);
}

void html_classes(struct html_writing *w, const struct html_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct summary *s = group->runs[i].summary;
        for (size_t k = 0; k < s->dimension_count; k++) {
            const struct dimension_summary *d = &s->dimensions[k];
            if (d->class_count == 0) {
                continue;
            }
            buf_append_cstr(&w->out, "<h3>Classes of ");
            html_line(&w->out, d->name);
            if (group->count > 1) {
                buf_append_cstr(&w->out, ", ");
                html_line(&w->out, s->variant);
            }
            buf_append_cstr(&w->out, "</h3>\n");
            if (d->confusion_count > 0 && d->class_count <= MATRIX_MAX) {
                put_matrix(w, d);
            } else {
                put_list(w, d);
            }
            if (d->has_f1_macro) {
                buf_append_cstr(&w->out, "<p class=\"muted\">F1, mean over the classes: ");
                html_line(&w->out, shown_number(w->scratch, d->f1_macro));
                buf_append_cstr(&w->out, "</p>\n");
            }
        }
    }
}
