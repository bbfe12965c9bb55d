--TEST--
A setting that is wrong is told when PHP starts, and its default counts
--EXTENSIONS--
gestor_plugins
--ENV--
GESTOR_PLUGINS_CONFLITOS=talvez
GESTOR_PLUGINS_RAZAO=100
--INI--
gestor_plugins.lang=en
gestor_plugins.entradas=many
gestor_plugins.github_web=elsewhere
display_startup_errors=1
--FILE--
<?php
ob_start();
(new ReflectionExtension('gestor_plugins'))->info();
preg_match_all('/^gestor_plugins\.(?:conflitos|entradas|github_web|razao) => .*$/m', ob_get_clean(), $found);
echo implode("\n", $found[0]), "\n";
?>
--EXPECTF--
Warning: PHP Startup: the setting gestor_plugins.%s is %s

Warning: PHP Startup: the setting gestor_plugins.%s is %s

Warning: PHP Startup: the setting GESTOR_PLUGINS_CONFLITOS is "talvez"; allowed: abortar, pular. Its default counts: abortar in %s on line %d
gestor_plugins.conflitos => abortar => default
gestor_plugins.github_web => https://github.com => default
gestor_plugins.entradas => 20000 => default
gestor_plugins.razao => 100 => environment
