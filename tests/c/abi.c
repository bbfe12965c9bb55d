/* The C library's manners: refusals, ownership, last error, and a call to its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gestor_plugins.h"

static int failures = 0;

static void check(int holds, const char *what) {
    if (!holds) {
        failures++;
        fprintf(stderr, "wrong: %s (last error: %s)\n", what, gestor_plugins_last_error());
    }
}

static void refused(const char *request, int kind, const char *text, const char *what) {
    gestor_plugins_operation *operation = gestor_plugins_start(request);
    check(operation == NULL, what);
    check(gestor_plugins_last_error_kind() == kind, what);
    check(strstr(gestor_plugins_last_error(), text) != NULL, what);
    if (operation != NULL) gestor_plugins_finish(operation, NULL);
}

static void bad_requests(void) {
    refused(NULL, GESTOR_PLUGINS_ERROR_ARGUMENT, "request_json is NULL", "a NULL request");
    refused("\xff{}", GESTOR_PLUGINS_ERROR_ARGUMENT, "no UTF-8", "a request in no UTF-8");
    refused("{", GESTOR_PLUGINS_ERROR_ARGUMENT, "no JSON", "half a request");
    refused("[]", GESTOR_PLUGINS_ERROR_VALUE, "operacao", "a list as request");
    refused("{\"operacao\":\"erase\"}", GESTOR_PLUGINS_ERROR_VALUE, "operacao", "an unknown operation");
    refused("{\"operacao\":\"install\"}", GESTOR_PLUGINS_ERROR_VALUE, "`raiz` is missing", "no parameters");
    refused("{\"operacao\":\"install\",\"params\":{\"raiz\":\"/x\",\"sluug\":1}}", GESTOR_PLUGINS_ERROR_VALUE, "sluug",
            "an unknown parameter");
    refused("{\"operacao\":\"install\",\"params\":{\"raiz\":[1]}}", GESTOR_PLUGINS_ERROR_TYPE, "array given",
            "a parameter of the wrong type");
}

/* A setting of the machine that is wrong does not stop a call: its default counts. */
static void wrong_settings(void) {
    gestor_plugins_operation *operation =
        gestor_plugins_start("{\"operacao\":\"recover\",\"params\":{\"raiz\":\"/x\"},\"ini\":{\"adocao\":\"x\"}}");
    check(operation != NULL, "a wrong setting stops no call");
    gestor_plugins_finish(operation, NULL);
}

static void bad_handles(void) {
    char *report = (char *)1;
    check(gestor_plugins_next(NULL) == NULL, "next of NULL");
    check(gestor_plugins_last_error_kind() == GESTOR_PLUGINS_ERROR_ARGUMENT, "kind of next of NULL");
    check(gestor_plugins_answer(NULL, "{}") == -1, "answer to NULL");
    check(gestor_plugins_finish(NULL, &report) == GESTOR_PLUGINS_EXIT_INTERNAL, "finish of NULL");
    check(report == NULL, "no report of NULL");
    gestor_plugins_free(NULL);
}

static const char *REQUEST =
    "{\"operacao\":\"install\",\"progresso\":true,\"params\":{\"slug\":\"none\",\"origem_tipo\":\"upload\","
    "\"arquivo\":{\"$hex\":\"2f6e6f6e652fff\"},\"raiz\":\"/no/such/gestor\",\"db\":{\"socket\":\"/no/such/socket\","
    "\"nome\":\"none\",\"usuario\":\"none\"}}}";

static void whole_call(void) {
    char *report = NULL;
    int ended = 0, events = 0, code;
    gestor_plugins_operation *operation = gestor_plugins_start(REQUEST);
    check(operation != NULL, "an operation starts");
    check(gestor_plugins_start(REQUEST) == NULL, "a second one does not");
    check(gestor_plugins_last_error_kind() == GESTOR_PLUGINS_ERROR_NESTED, "because of the first");
    check(gestor_plugins_answer(operation, "{\"resposta\":\"continuar\"}") == -1, "no answer before a question");
    while (operation != NULL && !ended && events < 1000) {
        char *event = gestor_plugins_next(operation);
        events++;
        check(event != NULL, "an event");
        ended = event == NULL || strstr(event, "\"evento\":\"fim\"") != NULL;
        if (!ended && strstr(event, "\"evento\":\"progresso\"") != NULL) {
            check(gestor_plugins_answer(operation, "{\"resposta\":\"talvez\"}") == -1, "an answer that is none");
            check(gestor_plugins_answer(operation, "\xfe") == -1, "an answer in no UTF-8");
            check(gestor_plugins_answer(operation, NULL) == -1, "a NULL answer");
            check(gestor_plugins_answer(operation, "{\"resposta\":\"continuar\"}") == 0, "an answer");
        }
        gestor_plugins_free(event);
    }
    code = gestor_plugins_finish(operation, &report);
    check(code != GESTOR_PLUGINS_EXIT_OK, "nothing was installed into a folder that is not there");
    check(report != NULL && strstr(report, "\"rotulo\"") != NULL, "a report");
    gestor_plugins_free(report);
}

static void left_early(void) {
    int code;
    gestor_plugins_operation *operation = gestor_plugins_start(REQUEST);
    check(operation != NULL, "an operation starts");
    code = gestor_plugins_finish(operation, NULL);
    check(code == GESTOR_PLUGINS_EXIT_CANCELLED, "an operation that is left is undone");
    operation = gestor_plugins_start(REQUEST);
    check(operation != NULL, "and the next one starts");
    gestor_plugins_finish(operation, NULL);
}

static void questions(const char *self) {
    char *text;
    check(strcmp(gestor_plugins_exit_code_label(22), "CHECKSUM") == 0, "a label");
    check(strcmp(gestor_plugins_exit_code_label(-7), "UNKNOWN") == 0, "no label");
    check(strchr(gestor_plugins_version(), '.') != NULL, "a version");
    text = gestor_plugins_data_table("db/data/HostsConfiguracoesData.json");
    check(text != NULL && strcmp(text, "hosts_configuracoes") == 0, "a table");
    gestor_plugins_free(text);
    check(gestor_plugins_data_table("x") == NULL, "no table");
    check(gestor_plugins_last_error_kind() == GESTOR_PLUGINS_ERROR_VALUE, "why there is no table");
    check(gestor_plugins_data_table(NULL) == NULL, "a NULL data file");
    text = gestor_plugins_checksum(self);
    check(text != NULL && strlen(text) == 64, "a checksum");
    gestor_plugins_free(text);
    check(gestor_plugins_checksum("/no/such/\xff") == NULL, "no checksum");
    check(gestor_plugins_last_error_kind() == GESTOR_PLUGINS_ERROR_NONE, "a missing file is no error");
    text = gestor_plugins_resource_checksum(self, NULL);
    check(text != NULL && strstr(text, "\"css\":null") != NULL, "a checksum of half a page");
    gestor_plugins_free(text);
    check(gestor_plugins_resource_checksum(NULL, NULL) == NULL, "a checksum of no page");
}

int main(int count, char **arguments) {
    (void)count;
    bad_requests();
    wrong_settings();
    bad_handles();
    whole_call();
    left_early();
    questions(arguments[0]);
    if (failures == 0) puts("the C library behaves");
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
