/* A C caller: reads a request from standard input, serves the operation, prints the report; status = exit code. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gestor_plugins.h"

static char request[1 << 16];

int main(void) {
    char *report = NULL;
    int over = 0, code;
    size_t length = fread(request, 1, sizeof request - 1, stdin);
    gestor_plugins_operation *operation;
    request[length] = '\0';
    operation = gestor_plugins_start(request);
    if (operation == NULL) {
        fprintf(stderr, "%s\n", gestor_plugins_last_error());
        return GESTOR_PLUGINS_EXIT_PARAMS_OR_FILE;
    }
    while (!over) {
        char *event = gestor_plugins_next(operation);
        if (event == NULL || strncmp(event, "{\"evento\":\"fim\"", 15) == 0) over = 1;
        else if (strncmp(event, "{\"evento\":\"progresso\"", 21) == 0)
            gestor_plugins_answer(operation, "{\"resposta\":\"continuar\"}");
        gestor_plugins_free(event);
    }
    code = gestor_plugins_finish(operation, &report);
    if (report != NULL) puts(report);
    gestor_plugins_free(report);
    return code;
}
