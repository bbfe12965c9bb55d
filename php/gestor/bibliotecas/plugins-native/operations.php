<?php

declare(strict_types=1);

/**
 * The operations over the C library, for a PHP that has not loaded the extension `gestor_plugins`. Same names, same
 * results; each is declared only where the extension has not done so.
 *
 * Written by bin/generate from the library's own catalogue, which a test compares: not to be changed by hand.
 */

use GestorPlugins\Answer;

if (!function_exists('plugin_install')) {
    /**
     * Installs or updates a plugin, all or nothing.
     */
    function plugin_install(array $params, ?callable $progress = null): int
    {
        return Answer::code('install', $params, $progress);
    }
}

if (!function_exists('plugin_list')) {
    /**
     * The plugins of a gestor, and what there is to know of each.
     */
    function plugin_list(array $params): array
    {
        return Answer::report('list', $params);
    }
}

if (!function_exists('plugin_history')) {
    /**
     * What was done to a plugin, the newest first (`limite` is 50 unless it is given).
     */
    function plugin_history(array $params): array
    {
        return Answer::report('history', $params);
    }
}

if (!function_exists('plugin_conflicts')) {
    /**
     * What waits for a decision, with the values of all three sides.
     */
    function plugin_conflicts(array $params): array
    {
        return Answer::report('conflicts', $params);
    }
}

if (!function_exists('plugin_resolve')) {
    /**
     * Decides conflicts: `conflito` is a number, several, or `todos`; `escolha` is `minha`, `pacote`, or `valor` with
     * `valor`.
     */
    function plugin_resolve(array $params, ?callable $progress = null): int
    {
        return Answer::code('resolve', $params, $progress);
    }
}

if (!function_exists('plugin_verify')) {
    /**
     * What differs from what was installed: code 33 for damage, with `estrito` for what users changed as well. `todos`
     * is all plugins. `reparar` puts back what was found: files, hooks and migrations from the kept package, with
     * `estrito` rows as `reprocessar` does; then 0 where nothing is left.
     */
    function plugin_verify(array $params, ?callable $progress = null): int
    {
        return Answer::code('verify', $params, $progress);
    }
}

if (!function_exists('plugin_install_many')) {
    /**
     * Installs or updates several plugins in one transition, all or none. `pacotes` is a list of what plugin_install()
     * takes for each; what holds for all stands beside it. `slug` may be left out where the package is a file of this
     * machine: the id of its manifest counts. In place of `pacotes`, `from_lock` names a plugins.lock.json: installs
     * exactly what it says, from kept packages or the folder of `pasta_indice`; and `conjunto` a file that
     * plugin_export() wrote, with the packages in it.
     */
    function plugin_install_many(array $params, ?callable $progress = null): int
    {
        return Answer::code('batch', $params, $progress);
    }
}

if (!function_exists('plugin_update_all')) {
    /**
     * Updates every installed plugin from where it came from, one after the other, each as an operation of its own: one
     * that fails undoes none of the others. Takes what plugin_install() takes, but for the plugin and where it comes
     * from. Gives the worst code.
     */
    function plugin_update_all(array $params, ?callable $progress = null): int
    {
        return Answer::code('update_all', $params, $progress);
    }
}

if (!function_exists('plugin_prune')) {
    /**
     * Removes what is kept beyond what the settings keep; with `dry_run` only shows it. Never goes what the installed
     * version, the one before, a pinned package, another database of the same folder or what is left to do still need,
     * nor anything younger than an hour.
     */
    function plugin_prune(array $params, ?callable $progress = null): int
    {
        return Answer::code('prune', $params, $progress);
    }
}

if (!function_exists('plugin_metrics')) {
    /**
     * How often what happened to each plugin, and how long it took. `formato` is `json` (the default) or `openmetrics`;
     * with `arquivo` it goes to that file, replaced as a whole, in place of the report.
     */
    function plugin_metrics(array $params): array
    {
        return Answer::report('metrics', $params);
    }
}

if (!function_exists('plugin_statistics')) {
    /**
     * What this server counted in a month (`mes`, as `2026-11`; without it the current one), where the setting
     * `estatisticas` is `local`.
     */
    function plugin_statistics(array $params): array
    {
        return Answer::report('statistics', $params);
    }
}

if (!function_exists('plugin_export')) {
    /**
     * Writes the plugins that are installed and active to a new file: what plugins.lock.json says, and the package of
     * each. No data of the site, no credentials. plugin_install_many() with `conjunto` installs them on another site.
     */
    function plugin_export(array $params, ?callable $progress = null): int
    {
        return Answer::code('export', $params, $progress);
    }
}

if (!function_exists('plugin_index')) {
    /**
     * The signed indices that a site knows: `listar`, `adicionar`, `atualizar`, `remover`, `buscar`. Trust in an index
     * begins with its root.json and the SHA-256 of that, which its publisher gives by another way.
     */
    function plugin_index(array $params, ?callable $progress = null): int
    {
        return Answer::code('index', $params, $progress);
    }
}

if (!function_exists('plugin_index_publish')) {
    /**
     * Publishes a signed index in a folder that a web server shows: `iniciar` makes keys and an empty index, `publicar`
     * adds or withdraws a version or replaces the list of what is revoked, `renovar` signs again what ends within days,
     * `assinar-raiz` the root. The package is looked at as in an installation before it is signed.
     */
    function plugin_index_publish(array $params, ?callable $progress = null): int
    {
        return Answer::code('index_publish', $params, $progress);
    }
}

if (!function_exists('plugin_updates')) {
    /**
     * What is known of the updates of each installed plugin: state, reason, the version that would come, and the policy
     * that counts. Asks nobody.
     */
    function plugin_updates(array $params): array
    {
        return Answer::report('updates', $params);
    }
}

if (!function_exists('plugin_update_policy')) {
    /**
     * What is wanted of the updates of a plugin: `politica`, `nivel`, `canal`, `janela`, `carencia_h`, `pular`,
     * `pular_ate`; `padrao` in any of them goes back to the default. `automatica` is refused where no page of the site
     * answers with 2xx. What failed may be tried again.
     */
    function plugin_update_policy(array $params, ?callable $progress = null): int
    {
        return Answer::code('update_policy', $params, $progress);
    }
}

if (!function_exists('plugin_update_run')) {
    /**
     * One run of automatic updates: puts back files that are gone, asks sources where that is due, decides each
     * plugin's next step, watches the site after an update (and goes back: code 37), and installs one at most. Made to
     * be called every quarter of an hour.
     */
    function plugin_update_run(array $params, ?callable $progress = null): int
    {
        return Answer::code('update_run', $params, $progress);
    }
}

if (!function_exists('plugin_rollback')) {
    /**
     * Goes back to an earlier point of a plugin, or to any kept version (`version`, `ponto`; none: the last good point
     * before). Migrations that were applied since are undone, unless `manter_esquema` or `forcar` leaves them.
     */
    function plugin_rollback(array $params, ?callable $progress = null): int
    {
        return Answer::code('rollback', $params, $progress);
    }
}

if (!function_exists('plugin_uninstall')) {
    /**
     * Uninstalls a plugin, all or nothing: with `remover` (the default) its tree and what its packages brought, with
     * `expurgar` everything that bears its name. What goes stands in an archive before it does.
     */
    function plugin_uninstall(array $params, ?callable $progress = null): int
    {
        return Answer::code('uninstall', $params, $progress);
    }
}

if (!function_exists('plugin_restore')) {
    /**
     * Brings back what `plugin_uninstall` took away, out of its archive, as it was.
     */
    function plugin_restore(array $params, ?callable $progress = null): int
    {
        return Answer::code('restore', $params, $progress);
    }
}

if (!function_exists('plugin_disable')) {
    /**
     * Pauses a plugin: all of it goes, permissions too, until `plugin_enable`.
     */
    function plugin_disable(array $params, ?callable $progress = null): int
    {
        return Answer::code('disable', $params, $progress);
    }
}

if (!function_exists('plugin_enable')) {
    /**
     * Brings a paused plugin back, as it was.
     */
    function plugin_enable(array $params, ?callable $progress = null): int
    {
        return Answer::code('enable', $params, $progress);
    }
}

if (!function_exists('plugin_recover')) {
    /**
     * Finishes or undoes what a killed run left (`espera_lock` is 10 seconds unless it is given). Migrations that are
     * left to be undone are undone; with `forcar`, of those that cannot be, only what they are known to have made is
     * dropped. With `scripts_pendentes` the scripts that an operation left are run.
     */
    function plugin_recover(array $params): array
    {
        return Answer::report('recover', $params);
    }
}

if (!function_exists('plugin_diff')) {
    /**
     * What installing a package would change; takes what plugin_install() takes, and changes nothing.
     */
    function plugin_diff(array $params, ?callable $progress = null): int
    {
        return Answer::code('diff', $params, $progress);
    }
}

if (!function_exists('plugin_sign')) {
    /**
     * Makes a signed package of a folder or a ZIP; or a fresh key.
     */
    function plugin_sign(array $params): array
    {
        return Answer::report('sign', $params);
    }
}

if (!function_exists('plugin_signature')) {
    /**
     * What is thought of a package's signature: whose it is, and whether the package is what was signed. Nothing is
     * installed.
     */
    function plugin_signature(array $params): array
    {
        return Answer::report('signature', $params);
    }
}

if (!function_exists('plugin_running')) {
    /**
     * The operations that are running, and those that were interrupted, and how far each is. Waits for none of them.
     */
    function plugin_running(array $params): array
    {
        return Answer::report('running', $params);
    }
}

if (!function_exists('plugin_cancel')) {
    /**
     * Asks the operation that is running on a plugin to stop and be undone, before it commits; after that, its scripts
     * to stop. Does not wait for that: plugin_running() shows when it has ended.
     */
    function plugin_cancel(array $params, ?callable $progress = null): int
    {
        return Answer::code('cancel', $params, $progress);
    }
}

if (!function_exists('plugin_credentials')) {
    /**
     * The credentials of the site: `listar`, `gravar`, `remover`, `rotacionar`, `conferir`, `importar`, `chave`. A
     * secret goes in and is never given back.
     */
    function plugin_credentials(array $params): array
    {
        return Answer::report('credentials', $params);
    }
}

if (!function_exists('plugin_config')) {
    /**
     * The settings of a plugin as a form: the fields of its schema (`config/schema.json`), in order, with type, widget,
     * value and limits; `valores` is what `plugin_config_set` takes back. Secrets are never given back.
     */
    function plugin_config(array $params): array
    {
        return Answer::report('config', $params);
    }
}

if (!function_exists('plugin_config_set')) {
    /**
     * Saves settings of a plugin, all of them or none, in the variables of its module: `valores` is an object, or its
     * JSON text; `null` goes back to the default. `formulario` reads texts as a form sends them. Each value that is not
     * taken is in `falhas`, with its pointer.
     */
    function plugin_config_set(array $params, ?callable $progress = null): int
    {
        return Answer::code('config_set', $params, $progress);
    }
}

if (!function_exists('plugin_audit')) {
    /**
     * The audit log: `conferir` tells whether it is what was written, by the checkpoints of the database as well where
     * `db` is given; `listar` gives the last records, `exportar` writes them to `saida`.
     */
    function plugin_audit(array $params): array
    {
        return Answer::report('audit', $params);
    }
}

if (!function_exists('plugin_audit_append')) {
    /**
     * Writes records to the audit log, at once: what plugins were allowed or refused. What repeats is counted
     * (`vezes`). Refusals are on the disk when the function returns. Actions that begin with `operacao.`,
     * `credencial.`, `indice.`, `auditoria.` or `confianca.` are this library's alone.
     */
    function plugin_audit_append(array $params, ?callable $progress = null): int
    {
        return Answer::code('audit_append', $params, $progress);
    }
}

if (!function_exists('plugin_data_sync')) {
    /**
     * Synchronizes one folder of data files (`pasta`); gives the report.
     */
    function plugin_data_sync(array $params): array
    {
        return Answer::report('sync', $params);
    }
}

if (!function_exists('plugin_status_mark')) {
    /**
     * Moves a plugin's status; false when that is not allowed now, and plugin_report() says why.
     */
    function plugin_status_mark(array $params): bool
    {
        return Answer::truth('mark', $params);
    }
}
