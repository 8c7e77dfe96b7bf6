#include "run/driver.h"

#include "io/loop.h"
#include "io/perform.h"

bool driver_open(struct driver *d, const struct clock *clock, const struct driver_settings *settings, struct err *err)
{
    *d = (struct driver){0};
    if (!signals_open(&d->signals, err)) {
        return false;
    }
    d->loop = loop_new(clock);
    loop_add(d->loop, &d->signals.watch);
    d->perform = perform_new(d->loop, &d->signals);
    if (settings->http_max > 0) {
        perform_set_http_max(d->perform, settings->http_max);
    }
    perform_set_redactor(d->perform, settings->redactor);
    perform_set_ca_file(d->perform, settings->ca_file);
    return true;
}

void driver_close(struct driver *d)
{
    if (d->loop == NULL) {
        return;
    }
    perform_free(&d->perform);
    loop_remove(d->loop, &d->signals.watch);
    loop_free(&d->loop);
    signals_close(&d->signals);
}
