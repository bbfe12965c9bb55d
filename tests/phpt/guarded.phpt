--TEST--
A gestor's guarded definitions and ours live together
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
if (!defined('PLG_EXIT_OK')) define('PLG_EXIT_OK', 0);
if (!function_exists('plg_exit_code_label')) { function plg_exit_code_label(int $code): string { return 'theirs'; } }
require __DIR__ . '/../../php/gestor/bibliotecas/plugins-consts.php';
require __DIR__ . '/../../php/gestor/bibliotecas/plugins-installer.php';
require __DIR__ . '/../../php/gestor/bibliotecas/plugins-installer.php';
var_dump(PLG_EXIT_LOCKED, plg_exit_code_label(15), PLG_STATUS_AGUARDANDO);
?>
--EXPECT--
int(15)
string(6) "LOCKED"
string(22) "aguardando_dependencia"
