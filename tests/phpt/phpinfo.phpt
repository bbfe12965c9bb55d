--TEST--
phpinfo() tells of the extension and its settings
--EXTENSIONS--
gestor_plugins
--FILE--
<?php
ob_start();
(new ReflectionExtension('gestor_plugins'))->info();
$text = ob_get_clean();
foreach (['gestor_plugins => enabled', 'Version => ' . phpversion('gestor_plugins'), 'gestor_plugins.adocao => orfaos => default'] as $line) {
    var_dump(strpos($text, $line) !== false);
}
?>
--EXPECT--
bool(true)
bool(true)
bool(true)
