/*
 * gestor_plugins.h: the C library of gestor-plugins (libgestor_plugins.so.0).
 *
 * One conversation is one operation:
 *
 *     operation = gestor_plugins_start(request);
 *     do {
 *         event = gestor_plugins_next(operation);      what it has to say
 *         ... gestor_plugins_answer(operation, ...);   where the event wants an answer
 *         gestor_plugins_free(event);
 *     } while (the event is not "fim");
 *     code = gestor_plugins_finish(operation, &report);
 *
 * Texts. Everything is UTF-8 JSON, NUL-terminated. A `char *` that the library returns is yours: give it back to
 * gestor_plugins_free(). A `const char *` is the library's: do not free it. A text that is no UTF-8 (a path) is
 * written as {"$hex": "2f746d70..."}, in requests and in events. In a request, a number that JSON has not (INF) is
 * {"$float": "7ff0000000000000"}, its eight bytes, and {"$map": {...}} is that map, whatever it looks like.
 *
 * Threads. An operation works on a thread of its own, but its conversation belongs to the thread that started it. One
 * operation at a time on one thread.
 *
 * Request:  {"operacao": "install",   one of the words below
 *            "params":    {...},   the parameters of the operation; null is absent
 *            "progresso": false,   progress events are wanted
 *            "migracoes": false,   the caller can run migrations
 *            "ini":       {...},   settings of the machine; the environment (GESTOR_PLUGINS_*) is read as well
 *            "open_basedir": "",   folders, with colons between, that paths of the call may not lead out of; "" is none
 *            "sockets":   [...],   sockets of the database that may be used wherever they are
 *            "php_cli":   ""}      PHP's command line program, where neither `php` nor its setting names one; "" is the
 *                                  first `php` of PATH
 *
 * Operations, and the functions of PHP whose parameters they take:
 *     install      plugin_install()
 *     list         plugin_list()
 *     history      plugin_history()
 *     conflicts    plugin_conflicts()
 *     resolve      plugin_resolve()
 *     verify       plugin_verify()
 *     batch        plugin_install_many()
 *     update_all   plugin_update_all()
 *     prune        plugin_prune()
 *     metrics      plugin_metrics()
 *     statistics   plugin_statistics()
 *     export       plugin_export()
 *     index        plugin_index()
 *     index_publish plugin_index_publish()
 *     updates      plugin_updates()
 *     update_policy plugin_update_policy()
 *     update_run   plugin_update_run()
 *     rollback     plugin_rollback()
 *     uninstall    plugin_uninstall()
 *     restore      plugin_restore()
 *     disable      plugin_disable()
 *     enable       plugin_enable()
 *     recover      plugin_recover()
 *     diff         plugin_diff()
 *     sign         plugin_sign()
 *     signature    plugin_signature()
 *     running      plugin_running()
 *     cancel       plugin_cancel()
 *     credentials  plugin_credentials()
 *     config       plugin_config()
 *     config_set   plugin_config_set()
 *     audit        plugin_audit()
 *     audit_append plugin_audit_append()
 *     sync         plugin_data_sync()
 *     mark         plugin_status_mark()
 *
 * Events:   {"evento": "progresso", "progresso": {"etapa", "indice", "total", "feito", "de", "unidade", "mensagem"}}
 *               answer {"resposta": "continuar"} or {"resposta": "cancelar"}
 *           {"evento": "migracoes", "chamada": {"acao", "slug", "pasta", "migracoes"}}
 *               `acao` is "pendentes" (name what would run), "migrar" (run it), "desfazer" (undo `migracoes`) or
 *               "reversiveis" (name those of `migracoes` that can be undone; load and change nothing);
 *               answer {"migracoes": [{"versao", "nome"}, ...]}, with "erro": "why" when it failed
 *           {"evento": "fim", "codigo": 0}
 *               no answer; the operation is over
 *
 * An event that gets no answer before the next one is taken counts as "continuar", or as failed migrations.
 *
 * From PHP: FFI::cdef() takes this file without the lines that begin with a number sign.
 * From C++: include it inside extern "C" { }.
 */
#ifndef GESTOR_PLUGINS_H
#define GESTOR_PLUGINS_H

#include <stdint.h>

/* How an operation ended. */
enum gestor_plugins_exit {
    GESTOR_PLUGINS_EXIT_OK = 0,
    GESTOR_PLUGINS_EXIT_PARAMS_OR_FILE = 10,
    GESTOR_PLUGINS_EXIT_VALIDATE = 11,
    GESTOR_PLUGINS_EXIT_MOVE = 12,
    GESTOR_PLUGINS_EXIT_MIGRATE = 13,
    GESTOR_PLUGINS_EXIT_SYNC = 14,
    GESTOR_PLUGINS_EXIT_LOCKED = 15,
    GESTOR_PLUGINS_EXIT_CANCELLED = 16,
    GESTOR_PLUGINS_EXIT_CREDENTIAL = 17,
    GESTOR_PLUGINS_EXIT_DOWNLOAD = 20,
    GESTOR_PLUGINS_EXIT_ZIP_INVALID = 21,
    GESTOR_PLUGINS_EXIT_CHECKSUM = 22,
    GESTOR_PLUGINS_EXIT_SIGNATURE = 23,
    GESTOR_PLUGINS_EXIT_STALE = 24,
    GESTOR_PLUGINS_EXIT_DEPENDENCY = 30,
    GESTOR_PLUGINS_EXIT_INCOMPATIBLE = 31,
    GESTOR_PLUGINS_EXIT_ALREADY_INSTALLED = 32,
    GESTOR_PLUGINS_EXIT_DRIFT = 33,
    GESTOR_PLUGINS_EXIT_IRREVERSIBLE = 34,
    GESTOR_PLUGINS_EXIT_NOT_INSTALLED = 35,
    GESTOR_PLUGINS_EXIT_SCRIPT = 36,
    GESTOR_PLUGINS_EXIT_ROLLED_BACK = 37,
    GESTOR_PLUGINS_EXIT_INTERNAL = 99
};

/* Why a function refused. */
enum gestor_plugins_error {
    GESTOR_PLUGINS_ERROR_NONE = 0,
    /* NULL, bad UTF-8, bad JSON, an answer to nothing */
    GESTOR_PLUGINS_ERROR_ARGUMENT = 1,
    /* a parameter of the wrong type */
    GESTOR_PLUGINS_ERROR_TYPE = 2,
    /* an unknown parameter, a missing one, a wrong value */
    GESTOR_PLUGINS_ERROR_VALUE = 3,
    /* another operation runs on this thread */
    GESTOR_PLUGINS_ERROR_NESTED = 4,
    /* a bug in the library */
    GESTOR_PLUGINS_ERROR_INTERNAL = 5
};

/* A running operation. */
typedef struct gestor_plugins_operation gestor_plugins_operation;

/* Version of the library, x.y.z. */
const char *gestor_plugins_version(void);

/* Starts an operation. NULL when the request is refused. */
gestor_plugins_operation *gestor_plugins_start(const char *request_json);

/* Waits for the next event. NULL when `operation` is NULL. */
char *gestor_plugins_next(gestor_plugins_operation *operation);

/* Answers the last event. 0 when the answer was taken, -1 when it was refused (the event still waits). */
int gestor_plugins_answer(gestor_plugins_operation *operation, const char *answer_json);

/* Ends the conversation and frees the operation; one that is not over is undone first (code 16; 13 while it
 * waits for migrations; 0 where it had committed). Gives the exit code and, where `report_json` is not NULL, the report. */
int gestor_plugins_finish(gestor_plugins_operation *operation, char **report_json);

/* Frees a text that the library returned. NULL is fine. */
void gestor_plugins_free(char *text);

/* Why the last call on this thread was refused; empty when it was not. Stays until the next call on this thread. */
const char *gestor_plugins_last_error(void);

/* The same as one of enum gestor_plugins_error. */
int gestor_plugins_last_error_kind(void);

/* Label of an exit code, "UNKNOWN" when there is none. Stays until the next call on this thread. */
const char *gestor_plugins_exit_code_label(int64_t code);

/* SHA-256 of a file, hexadecimal. NULL when there is no such file. */
char *gestor_plugins_checksum(const char *file);

/* Checksum of a page's files as {"html", "css", "combined"}; either may be NULL. NULL when neither file exists. */
char *gestor_plugins_resource_checksum(const char *html, const char *css);

/* Table of a data file, by its name. NULL when it is none. */
char *gestor_plugins_data_table(const char *file);

#endif
