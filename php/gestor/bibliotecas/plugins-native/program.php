<?php

declare(strict_types=1);

/**
 * What the native program gestor-plugins has PHP do: migrations, and finding hooks. One request of JSON comes on standard
 * input; the last line of standard output is the answer. Only the program starts it. The names that a gestor calls are not
 * needed: a core update may have put the old ones back.
 *
 * @package gestor-plugins
 */

namespace GestorPlugins;

if (PHP_SAPI !== 'cli' || realpath($_SERVER['SCRIPT_FILENAME'] ?? '') !== __FILE__) {
    return;
}
spl_autoload_register(static function (string $class): void {
    $name = strpos($class, 'GestorPlugins\\') === 0 ? substr($class, 14) : '';
    if ($name !== '' && is_file($file = __DIR__ . "/{$name}.php")) {
        require_once $file;
    }
});
/** As the name that a gestor calls, which is not loaded here. */
function plugin_normalize_slug(string $slug): string
{
    return strtolower((string) preg_replace('/[^a-zA-Z0-9_-]+/', '-', trim($slug)));
}

$plg_request = Json::native(json_decode((string) stream_get_contents(STDIN), true));
if (!is_array($plg_request)) {
    fwrite(STDERR, "program.php is called by gestor-plugins alone\n");
    exit(10);
}
$plg_program = new ProgramRequest($plg_request);
if ($plg_program->wantsGestor()) {
    // config.php sets globals, and may end the process: then that is the answer.
    $plg_program->beforeConfig();
    // The program waits for config.php less long than for a migration: it is told by an empty line that it begins, and that it is read.
    fwrite(STDOUT, "\n");
    require_once $plg_program->root() . '/config.php';
    fwrite(STDOUT, "\n");
    $plg_program->afterConfig();
}
$plg_program->answer();
